"""`kill -9` of the PostgreSQL process that serves a client: the whole server recovers, and nothing acknowledged is lost."""


def test_a_killed_database_process_leaves_everything_or_nothing(installation):
    told = installation.play("backend_killed", times=4)
    assert (told["violations"], told["lost"], told["conversions"]) == ([], [], told["expected"])
    assert told["cut_off"] > 0
