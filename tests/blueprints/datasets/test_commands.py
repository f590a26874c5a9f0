"""check, convert, summary and upload do what their help says, with 0, 1 and 2 as their exit codes."""

import json
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from blueprints.__main__ import main
from tests.blueprints.datasets.labelled import add

BUCKET = "room-detection-plans"


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    """Eight plans in images/train and labels/train."""
    for number in range(8):
        add(tmp_path / "plans", "train", f"plan_{number}.png", number)
    return tmp_path / "plans"


@pytest.fixture
def converted(plans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["convert", "yolo", str(plans), "--out", str(tmp_path / "set"), "--validation", "0.25"]) == 0
    capsys.readouterr()
    return tmp_path / "set"


def _fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command which cannot run leaves on stderr."""
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    output = capsys.readouterr()
    assert code == 2
    assert output.out == ""
    assert output.err.count("\n") == 1, output.err
    return output.err


def test_check_of_a_sound_set_ends_with_0(plans: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(plans)]) == 0
    assert capsys.readouterr().out == "plans: 8, errors: 0, warnings: 0\n"


def test_check_of_a_broken_set_lists_everything_and_ends_with_1(
    plans: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (plans / "labels" / "train" / "plan_3.txt").write_text("1 0.5 0.5 0.1 0.1\n0 0.5 0.5 0 0.1\n")
    again = add(plans, "train", "again.png", 5)
    assert main(["check", str(plans)]) == 1
    lines = capsys.readouterr().out.splitlines()
    labels = plans / "labels" / "train" / "plan_3.txt"
    assert lines == [
        f"error: {labels}: line 1: class 1: the only class is 0 (room)",
        f"error: {labels}: line 2: '0 0.5 0.5 0 0.1' is empty: width and height must be more than 0",
        f"warning: {plans / 'images' / 'train' / 'plan_5.png'}: is identical to {again}: remove one",
        "plans: 9, errors: 2, warnings: 1",
    ]


def test_warnings_end_with_0(plans: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = add(plans, "train", "again.png", 5)
    assert main(["check", str(plans), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["broken"] is False
    (problem,) = report["problems"]
    assert (problem["severity"], problem["same_as"]) == ("warning", str(again))
    assert problem["path"] == str(plans / "images" / "train" / "plan_5.png")


def test_check_of_several_folders_finds_plans_that_are_in_two(plans: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(plans.parent / "more", "train", "leak.png", 2)
    assert main(["check", str(plans), str(plans.parent / "more"), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [problem["severity"] for problem in report["problems"]] == ["error"]


def test_check_takes_the_parts_of_a_converted_set(converted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(converted)]) == 0
    assert capsys.readouterr().out == "plans: 8, errors: 0, warnings: 0\n"
    # One name in two parts is fine; one plan in two parts is not.
    add(converted / "test", "test", "plan_0.png", 0)
    assert main(["check", str(converted)]) == 1
    assert "in another split" in capsys.readouterr().out


@pytest.mark.parametrize("source_format", ["yolo", "roboflow"])
def test_convert_says_what_it_wrote_and_what_it_skipped(
    plans: Path, tmp_path: Path, source_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (plans / "labels" / "train" / "plan_3.txt").unlink()
    command = ["convert", source_format, str(plans), "--out", str(tmp_path / "set")]
    assert main([*command, "--validation", "0.3", "--seed", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "training: 5 plans, 5 boxes",
        "validation: 2 plans, 2 boxes (drawn from the plans of the source)",
    ]
    assert lines[2].startswith("skipped 1: images without a readable label file (first: ")
    assert main(["check", str(tmp_path / "set")]) == 0


def test_convert_reads_cubicasa(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    room = '<svg><g class="Space Bath"><polygon points="10,10 90,10 90,60"/></g></svg>'
    for number in range(2):
        image = add(tmp_path / "drawn", "", "plan.png", number)
        folder = tmp_path / "cubicasa5k" / "colorful" / str(number)
        folder.mkdir(parents=True)
        image.rename(folder / "F1_scaled.png")
        (folder / "model.svg").write_text(room)
    command = ["convert", "cubicasa", str(tmp_path / "cubicasa5k"), "--out", str(tmp_path / "set"), "--format", "json"]
    assert main(command) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["plans"] == {"training": 1, "validation": 1, "test": 0}
    assert report["validation_drawn"] is True


def test_convert_reads_coco(plans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = {
        "images": [{"id": number, "file_name": f"plan_{number}.png"} for number in range(4)],
        "annotations": [{"id": 1, "image_id": number, "category_id": 1, "bbox": [0, 0, 80, 60]} for number in range(4)],
        "categories": [{"id": 1, "name": "room"}],
    }
    (plans / "plans.json").write_text(json.dumps(content))
    command = ["convert", "coco", str(plans), "--out", str(tmp_path / "set"), "--format", "json"]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["boxes"] == {"training": 3, "validation": 1, "test": 0}


def test_summary_prints_a_table_and_writes_pictures(
    converted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "summary"
    assert main(["summary", str(converted), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    for text in ("training", "validation", "all", "contact_sheet.png"):
        assert text in printed
    assert {path.name for path in out.iterdir()} == {"summary.json", "histograms.png", "contact_sheet.png"}
    assert "already exists" in _fails(["summary", str(converted), "--out", str(out)], capsys)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-2")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
        yield s3


def test_upload_says_what_it_sent_and_what_else_training_reads(
    bucket, converted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put_object(Bucket=BUCKET, Key="training/images/train/old.png", Body=b"")
    command = ["upload", str(converted), "--bucket", BUCKET, "--region", "us-east-2"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert f"s3://{BUCKET}: 16 files sent" in printed
    assert "1 other files are in training/ and validation/" in printed
    assert main(command) == 0
    assert f"s3://{BUCKET}: 0 files sent (0.0 MB), 16 were already there" in capsys.readouterr().out


def test_upload_of_a_broken_set_sends_nothing(bucket, converted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    next((converted / "training" / "labels" / "train").iterdir()).write_text("1 0.5 0.5 0.1 0.1\n")
    assert main(["upload", str(converted), "--bucket", BUCKET, "--region", "us-east-2"]) == 1
    assert "class 1: the only class is 0 (room)" in capsys.readouterr().out
    assert "Contents" not in bucket.list_objects_v2(Bucket=BUCKET)


@pytest.mark.usefixtures("bucket")
def test_a_refusal_of_aws_is_one_line(converted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["upload", str(converted), "--bucket", "no-such-bucket", "--region", "us-east-2"]
    assert "s3://no-such-bucket: there is no such bucket" in _fails(command, capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "DIR"),
        (["check", "nowhere"], "nowhere: is not a folder"),
        (["check", ".", "--format", "xml"], "xml"),
        (["convert", "pascal", ".", "--out", "set"], "pascal"),
        (["convert", "yolo", "."], "--out"),
        (["convert", "yolo", "nowhere", "--out", "set"], "nowhere: does not exist"),
        (["convert", "coco", ".", "--out", "."], ".: already exists"),
        (["convert", "cubicasa", "images", "--out", "set"], "no <style>/<id>/model.svg"),
        (["convert", "yolo", ".", "--out", "set", "--validation", "2"], "--validation 2: must be more than 0"),
        (["convert", "yolo", ".", "--out", "set", "--classes", "hall"], "--classes hall: the source has 0"),
        (["summary", "nowhere", "--out", "set"], "nowhere: is not a folder"),
        (["upload", "."], "--bucket"),
        (["upload", ".", "--bucket", "plans"], "has no folder training"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    plans: Path,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(plans)
    assert message in _fails(arguments, capsys)
    assert not (plans / "set").exists()
