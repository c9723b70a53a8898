"""Two transactions that wait for each other: the one that PostgreSQL gives up begins again, and nobody notices."""

import pytest


@pytest.mark.parametrize(
    ("act", "changed"), [("convert", {"left": 0}), ("edit", {"linked": 1}), ("delete", {"left": 0, "conversions": 0})]
)
def test_the_victim_of_a_deadlock_begins_again(installation, act, changed):
    told = installation.play("deadlock", act=act)
    assert (told["violations"], told["told"]) == ([], [["done"]])
    assert {key: told[key] for key in changed} == changed
