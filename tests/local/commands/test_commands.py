"""`python -m local`: what its commands print and write, and how they refuse what they cannot use."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from local import __main__ as local
from local.commands import demo, score
from local.stack import LocalStack
from processes.loopback import listening_socket
from tests.local.recording_proxy import recording_proxy

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "blueprints" / "sample.png"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    stdout: str
    stderr: str


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """A command in this process, which takes a tenth of the time of one that imports all for itself."""

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["local", *map(str, arguments)])
        try:
            status = local.main()
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return Ended(status=status, stdout=printed.out, stderr=printed.err)

    return run


@pytest.fixture
def command_on_the_stack(command: Command, stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A command that finds its stage up: the one that the other tests call, where each of its own takes seconds."""
    for module in (demo, score):
        monkeypatch.setattr(module, "local_stack", lambda *_, **__: nullcontext(stack))
    return command


@dataclass(frozen=True, kw_only=True)
class DemoRun(Ended):
    """A whole `demo` of a plan whose name and size are out of the way, in a process of its own."""

    plan: Path
    out: Path
    proxied: list[str]

    def answer(self) -> dict[str, Any]:
        return json.loads((self.out / f"{self.plan.stem}.rooms.json").read_text())


@pytest.fixture(scope="module")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    folder = tmp_path_factory.mktemp("demo")
    plan, out = folder / os.fsdecode(b"caf\xe9.bmp"), folder / "out"
    with Image.open(SAMPLE) as sample:
        sample.convert("RGB").resize((6000, round(6000 * sample.height / sample.width))).save(plan)
    arguments = ["demo", str(plan), "--out", str(out), "--inference", "lambda"]
    with recording_proxy() as proxy:
        environment = {**os.environ, **proxy.environment(), "PYTHONIOENCODING": "utf-8:strict"}
        done = subprocess.run(
            [sys.executable, "-m", "local", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    return DemoRun(
        status=done.returncode, stdout=done.stdout, stderr=done.stderr, plan=plan, out=out, proxied=proxy.requests
    )


def test_the_demo_prints_the_rooms_and_where_the_api_was(demo_run: DemoRun) -> None:
    assert demo_run.status == 0, demo_run.stderr
    rooms = demo_run.answer()["detected_rooms"]
    assert rooms
    for room in rooms:
        assert room["id"] in demo_run.stdout
        assert room["name_hint"] in demo_run.stdout
    assert "http://127.0.0.1:" in demo_run.stdout


def test_the_demo_writes_the_answer_and_the_picture(demo_run: DemoRun) -> None:
    answer = demo_run.answer()
    assert answer.keys() == {"blueprint_id", "detected_rooms", "image", "page"}
    with Image.open(demo_run.out / f"{demo_run.plan.stem}.rooms.png") as drawn:
        assert drawn.size == (answer["image"]["width"], answer["image"]["height"])


def test_a_plan_that_is_too_large_for_the_api_is_scaled_down_and_its_rooms_are_found(demo_run: DemoRun) -> None:
    name = re.escape(str(demo_run.plan).encode(errors="backslashreplace").decode())
    assert re.match(
        rf"demo: {name}: 6000 x \d+ px in \d+\.\d MB is more than the API takes: sent as 5000 x \d+ px in \d\.\d MB\n",
        demo_run.stderr,
    )
    assert demo_run.answer()["image"]["width"] == 5000


def test_a_plan_whose_name_does_not_fit_the_terminals_encoding_is_still_shown(demo_run: DemoRun) -> None:
    assert f"{len(demo_run.answer()['detected_rooms'])} rooms in caf\\udce9.bmp" in demo_run.stdout


def test_no_proxy_is_used_for_addresses_of_this_machine(demo_run: DemoRun) -> None:
    assert demo_run.status == 0
    assert demo_run.proxied == []


def test_a_picture_that_is_not_scaled_is_drawn_as_large_as_the_plan_is(
    command_on_the_stack: Command, tmp_path: Path
) -> None:
    done = command_on_the_stack("demo", SAMPLE, "--out", tmp_path / "out")
    assert done.status == 0, done.stderr
    assert "11 rooms in sample.png" in done.stdout
    with Image.open(tmp_path / "out" / "sample.rooms.png") as drawn, Image.open(SAMPLE) as plan:
        assert drawn.size == plan.size


def test_another_page_of_a_pdf_has_results_of_its_own(command_on_the_stack: Command, tmp_path: Path) -> None:
    plan = tmp_path / "sheets.pdf"
    with Image.open(SAMPLE) as sample:
        Image.new("L", (100, 100), 255).save(plan, "PDF", save_all=True, append_images=[sample.convert("L")])
    done = command_on_the_stack("demo", plan, "--page", "2", "--out", tmp_path / "out")
    assert done.status == 0, done.stderr
    assert "11 rooms in sheets.pdf, page 2 of 2" in done.stdout
    answer = json.loads((tmp_path / "out" / "sheets.page-2.rooms.json").read_text())
    assert answer["page"] == {"number": 2, "count": 2}
    with Image.open(tmp_path / "out" / "sheets.page-2.rooms.png") as drawn:
        assert max(drawn.size) >= 3000
    done = command_on_the_stack("demo", plan, "--page", "3", "--out", tmp_path / "out")
    assert (done.status, done.stderr) == (1, f"demo: {plan}: There is no page 3: the blueprint has 2 pages.\n")


def test_a_missing_plan_is_one_line(tmp_path: Path) -> None:
    arguments = ["demo", str(tmp_path / "nowhere.png"), "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "local", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == f"demo: {tmp_path}/nowhere.png: cannot be read: No such file or directory\n"


def test_an_empty_plan_is_one_line(command: Command, tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    done = command("demo", empty, "--out", tmp_path)
    assert (done.status, done.stderr) == (1, f"demo: {empty}: is empty: give an image of a floor plan\n")


def test_a_file_that_is_not_an_image_is_one_line(command: Command, tmp_path: Path) -> None:
    done = command("demo", ROOT / "pyproject.toml", "--out", tmp_path)
    assert done.status == 1
    assert done.stderr == (
        f"demo: {ROOT}/pyproject.toml: image is not a PDF, PNG, JPEG, TIFF, WebP, BMP, GIF, AVIF or HEIC file: "
        "send one of these.\n"
    )


@pytest.mark.parametrize("arguments", [[], ["demo"], ["up", "--port", "http"], ["score", "x", "--count", "few"]])
def test_a_wrong_command_line_is_a_usage_error(command: Command, arguments: list[str]) -> None:
    done = command(*arguments)
    assert done.status == 2
    assert "usage: python -m local" in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_cannot_exist_is_one_line(command: Command, port: str) -> None:
    done = command("up", "--port", port)
    assert done.status == 1
    assert done.stderr == f"local: port {port} is not allowed: must be an integer from 0 to 65535\n"


def test_a_port_in_use_is_one_line(command: Command) -> None:
    with listening_socket() as taken:
        port = taken.getsockname()[1]
        taken.listen()
        done = command("up", "--port", str(port))
    assert done.status == 1
    assert done.stderr == f"local: port {port} cannot be used (Address already in use): choose another one\n"


def test_a_record_of_calls_that_cannot_be_written_is_one_line(command: Command, tmp_path: Path) -> None:
    done = command("up", "--port", "0", "--record-calls", tmp_path)
    assert done.status == 1
    assert done.stderr == f"local: {tmp_path}: the record cannot be written: Is a directory\n"


def test_scoring_counts_rooms_against_labels_and_draws_each_plan(command_on_the_stack: Command, tmp_path: Path) -> None:
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
    done = command_on_the_stack("score", tmp_path, "--count", "2", "--out", tmp_path / "out", "--format", "json")
    assert done.status == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["total"]["right"] + report["total"]["missed"] == len(truth)
    assert report["total"]["right"] >= 5
    assert report["without_prediction"] == ["text"]
    assert f"score: text: {images}/text.png: image is not a PDF" in done.stderr
    assert (tmp_path / "out" / "sample.rooms.png").is_file()


def test_scoring_a_folder_without_plans_is_one_line(command: Command, tmp_path: Path) -> None:
    done = command("score", tmp_path)
    assert done.status == 1
    assert done.stderr.startswith(f"score: {tmp_path}: no images")
    assert len(done.stderr.splitlines()) == 1


# Runs a package's command and presses Ctrl-C when it imports what takes it longest.
INTERRUPTED = """
import importlib.abc, runpy, signal, sys
class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in ("pulumi", "blueprints.datasets"):
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("arguments", [["local", "demo", "plan.png"], ["local", "score", "plans"]])
def test_an_interruption_before_anything_has_begun_gives_no_traceback(arguments: list[str]) -> None:
    command = [sys.executable, "-c", INTERRUPTED, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_full_disk_is_one_line_that_names_the_folder(command_on_the_stack: Command, tmp_path: Path) -> None:
    (tmp_path / "sample.rooms.json").symlink_to("/dev/full")
    done = command_on_the_stack("demo", SAMPLE, "--out", tmp_path)
    assert done.status == 1
    assert done.stderr.splitlines()[-1] == f"demo: {tmp_path}: cannot be written: No space left on device"


def test_a_temporary_folder_that_cannot_be_used_is_one_line(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    in_the_way = tmp_path / f"room-detection-local-{os.getuid()}"
    in_the_way.touch()
    done = command("up", "--port", "0")
    assert done.status == 1
    assert done.stderr == f"local: [Errno 17] File exists: '{in_the_way}'\n"
