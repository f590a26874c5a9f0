"""`python -m blueprints` does what its help says, and ends with 2 and one line where it cannot."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from blueprints import answer, sample
from blueprints.__main__ import main

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """Two labelled plans: `house` with two rooms side by side, `hut` with one; the images play no part."""
    for name, text in {"house": "0 0.25 0.5 0.5 1\n0 0.75 0.5 0.5 1\n", "hut": "0 0.5 0.5 0.8 0.8\n"}.items():
        for folder, suffix in (("images", ".jpg"), ("labels", ".txt")):
            path = tmp_path / "data" / folder / "dev" / f"{name}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return tmp_path / "data"


def _answer(folder: Path, name: str, *boxes: list[int]) -> None:
    folder.mkdir(exist_ok=True)
    rooms = [
        {"id": f"room_{number}", "bounding_box": box, "confidence": 1 - number / 100, "name_hint": ""}
        for number, box in enumerate(boxes, start=1)
    ]
    text = json.dumps({"blueprint_id": name, "detected_rooms": rooms})
    (folder / f"{name}{answer.SUFFIX}").write_text(text)


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


def test_the_default_of_draw_is_the_shipped_sample(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["draw", "--help"])
    assert stopped.value.code == 0
    assert str(sample.PICTURE.name) in capsys.readouterr().out


def test_draw_writes_a_picture_and_its_rooms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "plan.png"
    assert main(["draw", "--out", str(out)]) == 0
    with Image.open(out) as picture:
        assert picture.size == (1920, 1359)
    rooms = answer.read(tmp_path / "new" / "plan.rooms.json")
    assert [room.name_hint for room in rooms] == [name for name, _ in sample.rooms()]
    assert "1920 x 1359 px" in capsys.readouterr().out


def test_score_counts_each_plan_and_all_of_them(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "out"
    _answer(answers, "house", [0, 0, 500, 1000], [0, 0, 490, 1000])
    _answer(answers, "hut", [100, 100, 900, 900])
    assert main(["score", "--truth", str(truth), "--predictions", str(answers), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["plans"] == [
        {"name": "house", "right": 1, "missed": 1, "wrong": 1, "duplicates": 1, "precision": 0.5, "recall": 0.5},
        {"name": "hut", "right": 1, "missed": 0, "wrong": 0, "duplicates": 0, "precision": 1.0, "recall": 1.0},
    ]
    assert report["total"] == {
        "right": 2,
        "missed": 1,
        "wrong": 1,
        "duplicates": 1,
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 3),
    }
    assert (report["iou"], report["without_prediction"], report["without_truth"]) == (0.5, [], [])


def test_score_prints_a_table_with_every_plan_and_the_total(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _answer(tmp_path / "out", "house", [0, 0, 500, 1000], [500, 0, 1000, 1000])
    _answer(tmp_path / "out", "hut")
    assert main(["score", "--truth", str(truth), "--predictions", str(tmp_path / "out")]) == 0
    table = capsys.readouterr().out
    for text in ("house", "hut", "all 2", "1.000", "0.667", "IoU 0.5"):
        assert text in table


def test_plans_and_answers_without_a_counterpart_are_named_and_not_counted(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _answer(tmp_path / "out", "hut", [100, 100, 900, 900])
    _answer(tmp_path / "out", "sample", [100, 100, 900, 900])
    assert main(["score", "--truth", str(truth), "--predictions", str(tmp_path / "out"), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [plan["name"] for plan in report["plans"]] == ["hut"]
    assert (report["without_prediction"], report["without_truth"]) == (["house"], ["sample"])
    assert main(["score", "--truth", str(truth), "--predictions", str(tmp_path / "out")]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Not counted, without a prediction (1): house" in text
    assert "Not counted, without a plan (1): sample" in text


def test_a_stricter_overlap_finds_fewer_rooms(truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _answer(tmp_path / "out", "hut", [100, 100, 900, 700])
    command = ["score", "--truth", str(truth), "--predictions", str(tmp_path / "out"), "--format", "json"]
    assert main([*command, "--iou", "0.74"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["right"] == 1
    assert main([*command, "--iou", "0.76"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["right"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["paint"], "paint"),
        (["draw", "--out", "plan.jpg"], "--out plan.jpg: must end in .png"),
        (["score"], "--truth"),
        (["score", "--truth", ".", "--predictions", ".", "--format", "xml"], "xml"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in _fails(arguments, capsys)


def test_a_picture_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    line = _fails(["draw", "--out", str(tmp_path / "file" / "plan.png")], capsys)
    assert str(tmp_path / "file") in line


def test_bad_labels_and_answers_are_one_line_with_their_place(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["score", "--truth", str(truth), "--predictions", str(tmp_path / "out")]
    assert "out: is not a folder" in _fails(command, capsys)
    (tmp_path / "out").mkdir()
    assert "belongs to one of the 2 plans" in _fails(command, capsys)
    _answer(tmp_path / "out", "hut", [0, 0, 5000, 10])
    assert "hut.rooms.json: room 1 (room_1): bounding_box" in _fails(command, capsys)
    _answer(tmp_path / "out", "hut")
    (truth / "labels" / "dev" / "hut.txt").write_text("3 0.5 0.5 0.1 0.1\n")
    assert "hut.txt:1: class 3" in _fails(command, capsys)
    (truth / "labels" / "dev" / "hut.txt").unlink()
    assert "hut.txt: is missing" in _fails(command, capsys)
    _answer(tmp_path / "out", "house")
    assert "IoU 2: must be more than 0" in _fails([*command, "--iou", "2"], capsys)


def test_the_package_runs_as_a_command() -> None:
    command = [sys.executable, "-m", "blueprints", "draw", "--out", "plan.jpg"]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "python -m blueprints: --out plan.jpg: must end in .png\n"
