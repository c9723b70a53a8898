"""`kill -9` in the middle: everything or nothing is there, what was acknowledged stays, and a retry is safe.

`bench/soak.py` does the same a hundred times on each database.
"""


def test_a_killed_process_leaves_everything_or_nothing(installation):
    told = installation.play("killed", times=15)
    assert (told["violations"], told["lost"], told["conversions"]) == ([], [], told["expected"])
    assert told["acknowledged"] > 0 < told["unfinished"]
