"""An archive's plans are listed by their names below it, and read; what is hidden or not a file is not a plan."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from bulk import archive
from bulk.archive import Archive, open_archive
from bulk.errors import BulkInputError, PlanError
from tests.bulk.account import BUCKET, s3_with_bucket


def of_folder(folder: Path, results: Path | None = None) -> Archive:
    return open_archive(str(folder), s3=None, results=results or folder / "out")


def names(archive: Archive) -> list[str]:
    return sorted(one.name for one in archive.list())


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        yield s3_with_bucket()


def test_every_file_under_a_folder_is_a_plan_except_hidden_ones_and_the_results(tmp_path: Path) -> None:
    for name in ("a.png", "b/c d.jpg", "b/.hidden.png", ".git/e.png", "out/f.png", "b/out/g.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    os.mkfifo(tmp_path / "pipe.png")
    plans = of_folder(tmp_path)
    assert names(plans) == ["a.png", "b/c d.jpg", "b/out/g.png"]
    assert plans.read("b/c d.jpg") == b"b/c d.jpg"


def test_a_link_to_a_folder_is_not_followed_but_reported(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"plan")
    (tmp_path / "here again").symlink_to(".")
    plans = of_folder(tmp_path)
    assert names(plans) == ["a.png", "here again"]
    with pytest.raises(PlanError, match="a link to a folder, and such links are not followed") as refused:
        plans.read("here again")
    assert refused.value.code == "unreadable"


def test_results_behind_a_link_are_not_plans(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "results").mkdir()
    link = tmp_path / "plans" / "out"
    link.symlink_to(tmp_path / "results")
    assert names(of_folder(tmp_path / "plans", results=link)) == []


def test_a_folder_is_not_its_own_results(tmp_path: Path) -> None:
    with pytest.raises(BulkInputError, match="is the folder of the plans: give another folder for the results"):
        of_folder(tmp_path, results=tmp_path / "out" / "..")


def test_a_name_that_is_not_valid_text_is_accepted_like_any_other(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"gr\xfcn.png")).write_bytes(b"plan")
    plans = of_folder(tmp_path)
    (name,) = names(plans)
    assert plans.read(name) == b"plan"


def test_a_changed_file_is_another_version_and_an_untouched_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    plans = of_folder(tmp_path)
    first = list(plans.list())
    assert list(plans.list()) == first
    path.write_bytes(b"three")
    assert list(plans.list()) != first


def test_a_file_that_cannot_be_read_is_an_error_of_its_plan(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("nowhere")
    plans = of_folder(tmp_path)
    assert names(plans) == ["a.png"]
    with pytest.raises(PlanError, match="The file cannot be read: No such file or directory") as refused:
        plans.read("a.png")
    assert refused.value.code == "unreadable"


def test_a_file_larger_than_any_plan_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST_FILE_BYTES", 10)
    (tmp_path / "a.png").write_bytes(bytes(11))
    with pytest.raises(PlanError, match="The file has 11 bytes; at most 10 are allowed") as refused:
        of_folder(tmp_path).read("a.png")
    assert refused.value.code == "image_too_large"


def test_the_objects_under_a_prefix_are_plans_named_relative_to_its_folder(s3: Any) -> None:
    for key in ("old/2024-a.png", "old/2024-b/c.png", "old/2024-b/", "old/2023.png", "old/.2024.png"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    plans = open_archive(f"s3://{BUCKET}/old/2024", s3=s3, results=Path("out"))
    assert names(plans) == ["2024-a.png", "2024-b/c.png"]
    assert plans.read("2024-b/c.png") == b"old/2024-b/c.png"


def test_all_pages_of_a_long_listing_are_read(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    for number in range(5):
        s3.put_object(Bucket=BUCKET, Key=f"plans/{number}.png")
    assert s3.list_objects_v2(Bucket=BUCKET)["IsTruncated"]
    assert len(names(open_archive(f"s3://{BUCKET}/plans/", s3=s3, results=Path("out")))) == 5


def test_a_deleted_object_is_an_error_of_its_plan(s3: Any) -> None:
    plans = open_archive(f"s3://{BUCKET}/", s3=s3, results=Path("out"))
    with pytest.raises(PlanError, match=r"The object cannot be read: .*NoSuchKey") as refused:
        plans.read("a.png")
    assert refused.value.code == "unreadable"


def test_a_bucket_that_cannot_be_listed_is_named(s3: Any) -> None:
    with pytest.raises(BulkInputError, match=r"s3://nowhere-at-all/plans: cannot be listed: .*NoSuchBucket"):
        list(open_archive("s3://nowhere-at-all/plans", s3=s3, results=Path("out")).list())
