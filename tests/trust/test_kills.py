"""`kill -9` in the middle: everything or nothing is there, what was acknowledged stays, and a retry is safe.

`bench/soak.py` does the same a hundred times on each database.
"""


def test_a_killed_process_leaves_everything_or_nothing(installation):
    told = installation.play("killed", times=15)
    assert (told["violations"], told["lost"], told["conversions"]) == ([], [], told["expected"])
    assert told["acknowledged"] > 0 < told["unfinished"]


def test_a_killed_worker_leaves_a_job_that_the_next_one_ends(installation):
    told = installation.play("workers_killed")
    assert (told["violations"], told["unlike"], told["wrong"]) == ([], [], [])
    assert (told["conversions"], told["leads"]) == (told["expected"], told["expected"])
    assert told["half_done"] > 0


def test_two_workers_at_one_job_convert_nothing_twice(installation):
    told = installation.play("two_workers_at_one_job")
    assert (told["violations"], told["conversions"], told["state"]) == ([], 60, "finished")
    assert told["outcomes"] == {"converted": 60}
