"""Real processes at the same leads at the same time: exactly one conversion each, and a clear answer for everybody else."""

import pytest


def test_twenty_processes_convert_forty_leads_once(installation):
    told = installation.play("everybody_converts", processes=20, count=40)
    assert told["violations"] == []
    assert (told["conversions"], told["leads"], told["winners"]) == (40, 40, [1])
    assert told["answers"] == {"converted": 40, "told True": 760}


@pytest.mark.parametrize("stamped", [False, True])
def test_an_edit_arrives_or_is_refused(installation, stamped):
    told = installation.play("edit_meanwhile", stamped=stamped)
    assert (told["violations"], told["wrong"]) == ([], [])
    assert set(told["converted"]) <= {"done", "StaleDraft"} if stamped else {"done"}
    assert set(told["edited"]) <= {"done", "RecordIsLocked"}


def test_a_lead_is_converted_or_deleted_never_both(installation):
    told = installation.play("delete_meanwhile")
    assert (told["violations"], told["both"]) == ([], [])
    assert set(told["converted"]) <= {"done", "NoSuchLead"}


def test_a_comment_written_meanwhile_arrives_with_the_rest(installation):
    told = installation.play("comment_meanwhile")
    assert (told["violations"], told["lost"], told["miscounted"], told["conversions"]) == ([], [], [], 20)


def test_a_comment_on_a_lead_that_is_being_deleted_breaks_nothing(installation):
    told = installation.play("comment_on_what_is_deleted")
    assert (told["violations"], told["left"], told["deleted"]) == ([], 0, {"done": 20})
    assert set(told["written"]) <= {"done", "RecordIsLocked", "PermissionDenied"}


def test_a_second_dossier_arrives_or_is_refused(installation):
    told = installation.play("dossier_meanwhile")
    assert told["violations"] == []
    assert told["arrived"] == told["expected"]


def test_a_conversion_follows_one_mapping_from_beginning_to_end(installation):
    told = installation.play("mapping_meanwhile")
    assert (told["violations"], told["wrong"], told["replaced"]) == ([], [], {"done": 40})
    assert set(told["converted"]) <= {"done", "StaleDraft"}


def test_no_save_of_the_mapping_is_written_over_another(installation):
    told = installation.play("mapping_saves")
    assert (told["violations"], told["wrong"], told["gaps"], told["is_newest"]) == ([], [], [], True)
    assert (told["saved"] + told["refused"], told["refused"] > 0) == (96, True)


@pytest.mark.parametrize(
    ("first", "seen"),
    [
        ("dossier", {"dossiers": 2}),
        ("comment", {"moved": 2}),
        ("tag", {"tags": True}),
        ("edit", {"city": "Edited"}),
    ],
)
def test_a_conversion_waits_for_what_is_half_done_and_takes_it_along(installation, first, seen):
    told = installation.play("half_way", first=first, then="convert")
    assert (told["violations"], told["early"], told["told"]) == ([], [], ["done"])
    assert {key: told[key] for key in seen} == seen


@pytest.mark.parametrize("first", ["dossier", "comment", "edit"])
def test_a_deletion_waits_for_what_is_half_done_and_takes_it_away(installation, first):
    told = installation.play("half_way", first=first, then="delete")
    assert (told["violations"], told["early"], told["told"], told["left"]) == ([], [], ["done"], 0)


def test_several_conversions_choose_the_same_records(installation):
    told = installation.play("existing_meanwhile")
    assert (told["violations"], told["conversions"]) == ([], told["done"])
    assert told["left"] == 40 - told["done"]
    assert set(told["told"][0]) | set(told["told"][1]) <= {"done", "StaleExisting", "ExistingMissing"}
    assert set(told["told"][3]) <= {"done", "RecordInUse"}


def test_two_conversions_that_bring_each_other_along(installation):
    told = installation.play("together_crosswise")
    assert (told["violations"], told["done"], told["left"], told["conversions"]) == ([], [1], 0, 30)


def test_leads_are_merged_crosswise_while_they_are_converted(installation):
    told = installation.play("merge_leads_meanwhile")
    assert (told["violations"], told["wrong"]) == ([], [])
    assert set(told["told"][0]) | set(told["told"][1]) <= {"done", "NotMergeable"}
    assert set(told["told"][2]) | set(told["told"][3]) <= {"done", "NoSuchLead"}


def test_records_are_merged_crosswise_while_others_use_them(installation):
    told = installation.play("merge_records_meanwhile")
    assert (told["violations"], told["most"]) == ([], 2)
    assert told["merged"][0] == told["merged"][1] >= 35
    assert set(told["told"][4]) <= {"done", "ExistingMissing"}
    assert set(told["told"][5]) | set(told["told"][6]) <= {"done", "ValidationError"}
