"""The state of a run is one command's at a time, and survives whatever ends that command."""

from pathlib import Path

import pytest

from bulk.archive import Listed
from bulk.errors import BulkError, BulkInputError
from bulk.ledger import FILE, Ledger

ABOUT = {"archive": "/plans", "model": "one"}


def test_a_second_command_is_kept_out_of_the_folder(tmp_path: Path) -> None:
    with Ledger(tmp_path, ABOUT), pytest.raises(BulkError, match=f"{FILE}: .*locked.*another command may be using it"):
        Ledger(tmp_path, ABOUT)
    with Ledger(tmp_path, ABOUT):
        pass


def test_a_run_keeps_its_name_so_that_its_objects_are_found_again(tmp_path: Path) -> None:
    with Ledger(tmp_path / "a", ABOUT) as ledger:
        run = ledger.run
    with Ledger(tmp_path / "a", ABOUT) as ledger:
        assert ledger.run == run
    with Ledger(tmp_path / "b", ABOUT) as ledger:
        assert ledger.run != run


def test_a_file_that_is_not_a_ledger_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("notes of somebody's, which are longer than the head of a database is " * 10)
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(BulkInputError, match="is not the state of a run: give another folder"):
        Ledger(tmp_path, ABOUT)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_folder_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BulkInputError, match="cannot be written"):
        Ledger(tmp_path / "file" / "out", ABOUT)


def test_an_input_belongs_to_one_job_until_that_job_has_ended(tmp_path: Path) -> None:
    with Ledger(tmp_path, ABOUT) as ledger:
        ledger.list_plans(Listed(name=name, version="1") for name in ("a", "b", "c"))
        for plan, key in zip(ledger.unprepared(), ("one", "two", "three"), strict=True):
            ledger.uploaded(plan, key, "{}")
        first, inputs = ledger.begin_job("job-", 2)
    with Ledger(tmp_path, ABOUT) as ledger:
        assert ledger.running_jobs() == [first]
        assert ledger.waiting() == 1
        ledger.answer(inputs[0], "[]")
        ledger.end_job(first)
        second, waiting = ledger.begin_job("job-", 10)
        assert sorted(waiting) == sorted({"one", "two", "three"} - {inputs[0]})
        assert second != first


def test_ten_thousand_plans_are_listed_again_as_they_were(tmp_path: Path) -> None:
    listed = [Listed(name=f"{number}.png", version="1") for number in range(10_000)]
    with Ledger(tmp_path, ABOUT) as ledger:
        ledger.list_plans(listed)
        for plan in ledger.unprepared()[:9_000]:
            ledger.uploaded(plan, f"image {plan % 100}", "{}")
        ledger.list_plans(reversed(listed))
        counts = ledger.counts()
    assert (counts.plans, counts.prepared, counts.inputs) == (10_000, 9_000, 100)
