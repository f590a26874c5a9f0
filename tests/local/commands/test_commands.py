"""`python -m local`: what its commands print and write, and how they refuse what they cannot use."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from local.commands.plan_file import LARGEST_PLAN_BYTES

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "blueprints" / "sample.png"


def local(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_demo_prints_the_rooms_and_writes_the_answer_and_the_picture(tmp_path: Path) -> None:
    done = local("demo", SAMPLE, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    answer = json.loads((tmp_path / "out" / "sample.rooms.json").read_text())
    assert answer.keys() == {"blueprint_id", "detected_rooms"}
    for room in answer["detected_rooms"]:
        assert room["id"] in done.stdout
        assert room["name_hint"] in done.stdout
    with Image.open(tmp_path / "out" / "sample.rooms.png") as drawn, Image.open(SAMPLE) as plan:
        assert drawn.size == plan.size
    assert "http://127.0.0.1:" in done.stdout


def test_a_plan_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = local("demo", tmp_path / "nowhere.png", "--out", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"demo: {tmp_path}/nowhere.png: cannot be read: No such file or directory\n"


def test_a_plan_over_the_payload_limit_is_one_line(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(b"x" * (LARGEST_PLAN_BYTES + 1))
    done = local("demo", large, "--out", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"demo: {large}: has {LARGEST_PLAN_BYTES + 1} bytes; one request carries {LARGEST_PLAN_BYTES} at most: "
        "scale the plan down, or save it as PNG or JPEG\n"
    )


def test_an_empty_plan_is_one_line(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    assert local("demo", empty, "--out", tmp_path).stderr == f"demo: {empty}: is empty: give an image of a floor plan\n"


def test_a_file_that_is_no_image_is_one_line(tmp_path: Path) -> None:
    done = local("demo", ROOT / "pyproject.toml", "--out", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"demo: {ROOT}/pyproject.toml: the image is not a readable PNG, JPEG, TIFF, WebP, BMP or GIF file\n"
    )


@pytest.mark.parametrize("arguments", [[], ["demo"], ["up", "--port", "http"], ["score", "x", "--count", "few"]])
def test_a_command_line_that_is_wrong_is_a_usage_error(arguments: list[str]) -> None:
    done = local(*arguments)
    assert done.returncode == 2
    assert "usage: python -m local" in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_cannot_exist_is_one_line(port: str) -> None:
    done = local("up", "--port", port)
    assert done.returncode == 1
    assert done.stderr == f"local: port {port} is not allowed: must be an integer from 0 to 65535\n"


def test_a_record_of_calls_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    done = local("up", "--port", "0", "--record-calls", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"local: {tmp_path}: the record cannot be written: Is a directory\n"


def test_scoring_counts_rooms_against_labels_and_draws_each_plan(tmp_path: Path) -> None:
    images, labels = tmp_path / "images" / "dev", tmp_path / "labels" / "dev"
    images.mkdir(parents=True)
    labels.mkdir(parents=True)
    (images / "sample.png").write_bytes(SAMPLE.read_bytes())
    truth = json.loads((ROOT / "blueprints" / "sample.rooms.json").read_text())["detected_rooms"]
    lines = []
    for room in truth:
        left, top, right, bottom = (value / 1000 for value in room["bounding_box"])
        lines.append(f"0 {(left + right) / 2} {(top + bottom) / 2} {right - left} {bottom - top}")
    (labels / "sample.txt").write_text("\n".join(lines))
    (images / "text.png").write_text("no image")
    (labels / "text.txt").write_text("")
    done = local("score", tmp_path, "--count", "2", "--out", tmp_path / "out", "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["total"]["right"] + report["total"]["missed"] == len(truth)
    assert report["total"]["right"] >= 5
    assert report["without_prediction"] == ["text"]
    assert f"score: text: {images}/text.png: the image is not a readable PNG" in done.stderr
    assert (tmp_path / "out" / "sample.rooms.png").is_file()


def test_scoring_a_folder_without_plans_is_one_line(tmp_path: Path) -> None:
    done = local("score", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"score: {tmp_path}: no images")
    assert len(done.stderr.splitlines()) == 1


# Runs `python -m local` and presses Ctrl-C when it imports a command's module.
INTERRUPTED = """
import importlib.abc, runpy, signal, sys
class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in (f"local.commands.{sys.argv[1]}", f"program.{sys.argv[1]}"):
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
runpy.run_module("local", run_name="__main__")
"""


@pytest.mark.parametrize("arguments", [["demo", "plan.png"], ["score", "plans"], ["preview"]])
def test_an_interruption_before_anything_has_begun_is_no_traceback(arguments: list[str]) -> None:
    command = [sys.executable, "-c", INTERRUPTED, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_plan_whose_name_does_not_fit_the_terminals_encoding_is_shown_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:strict")
    plan = tmp_path / os.fsdecode(b"caf\xe9.png")
    shutil.copy(SAMPLE, plan)
    done = local("demo", plan, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "11 rooms in caf\\udce9.png" in done.stdout


def test_a_full_disk_is_one_line_that_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "sample.rooms.json").symlink_to("/dev/full")
    done = local("demo", SAMPLE, "--out", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"demo: {tmp_path}: cannot be written: No space left on device"


def test_a_temporary_folder_that_cannot_be_used_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    in_the_way = tmp_path / f"room-detection-local-{os.getuid()}"
    in_the_way.touch()
    done = local("up", "--port", "0")
    assert done.returncode == 1
    assert done.stderr == f"local: [Errno 17] File exists: '{in_the_way}'\n"
