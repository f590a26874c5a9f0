"""`python -m blueprints render` writes what was asked for, and ends with 2 and one line where it cannot."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blueprints.__main__ import main
from blueprints.datasets import yolo
from blueprints.rendering.layout import Kind

pytestmark = pytest.mark.whole


@pytest.fixture
def layouts(tmp_path: Path) -> Path:
    """An archive of one layout of one room."""
    kinds = np.full((80, 120), Kind.WALL, np.uint8)
    kinds[8:72, 8:112] = Kind.BEDROOM
    image = Image.fromarray(kinds)
    image.putpalette([0, 0, 0] * 256)
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    with zipfile.ZipFile(tmp_path / "layouts.zip", "w") as archive:
        archive.writestr("layouts/1.png", encoded.getvalue())
    return tmp_path / "layouts.zip"


def fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command which cannot run leaves on stderr."""
    try:
        code = main(["render", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    output = capsys.readouterr()
    assert code == 2
    assert output.out == ""
    assert output.err.count("\n") == 1, output.err
    return output.err


def test_plans_are_rendered_from_generated_layouts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "--count", "2", "--seed", "3", "--out", str(tmp_path / "plans")]) == 0
    assert len(yolo.plans(tmp_path / "plans")) == 2
    said = capsys.readouterr().out
    assert "2 plans" in said
    assert "plans/s" in said


def test_plans_are_rendered_from_an_archive(layouts: Path, tmp_path: Path) -> None:
    command = ["render", "--count", "4", "--out", str(tmp_path / "plans"), "--layouts", str(layouts), "--workers", "2"]
    assert main(command) == 0
    assert all(len(yolo.read_labels(plan.labels)) >= 1 for plan in yolo.plans(tmp_path / "plans"))


def test_pages_of_buildings_are_rendered_with_the_outlines_of_their_rooms(tmp_path: Path) -> None:
    command = ["render", "--buildings", "--outlines", "--count", "1", "--seed", "2", "--out", str(tmp_path / "pages")]
    assert main(command) == 0
    (page,) = yolo.plans(tmp_path / "pages")
    boxes = yolo.read_labels(page.labels)
    outlines = (tmp_path / "pages" / "outlines" / "train" / f"{page.name}.txt").read_text().splitlines()
    assert len(boxes) == len(outlines) > 5
    for box, line in zip(boxes, outlines, strict=True):
        room, *values = line.split()
        assert room == "0"
        xs, ys = [float(value) for value in values[::2]], [float(value) for value in values[1::2]]
        assert len(xs) == len(ys) >= 3
        assert (min(xs), min(ys), max(xs), max(ys)) == pytest.approx(box, abs=1e-4)
    with Image.open(page.image) as picture:
        assert picture.mode == "L"
        assert 1900 <= max(picture.size) <= 3600


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--count"),
        (["--count", "many", "--out", "plans"], "many"),
        (["--count", "0", "--out", "plans"], "--count 0: must be from 1 to 1,000,000"),
        (["--count", "1", "--out", "plans", "--workers", "0"], "--workers 0: must be from 1 to 256"),
        (["--count", "1", "--out", "plans", "--layouts", "missing.zip"], "missing.zip"),
        (["--count", "1", "--out", "plans", "--layouts", __file__], "is not a ZIP archive"),
        (["--count", "1", "--out", "plans", "--buildings", "--layouts", "some.zip"], "leave one out"),
        (["--count", "1", "--out", str(Path(__file__).parent)], "give a new or an empty folder"),
        (["--count", "1", "--out", str(Path(__file__) / "plans")], "test_command.py"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in fails(arguments, capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_layout_that_cannot_be_read_is_named(
    workers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "layouts.zip", "w") as archive:
        archive.writestr("layouts/broken.png", b"nothing")
    line = fails(
        [
            "--count",
            "1",
            "--out",
            str(tmp_path / "plans"),
            "--layouts",
            str(tmp_path / "layouts.zip"),
            "--workers",
            workers,
        ],
        capsys,
    )
    assert "broken.png: cannot be read" in line
    assert [path.name for path in tmp_path.iterdir()] == ["layouts.zip"]
