"""`python -m local`: what its commands print and write, and how they refuse what they cannot use."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "blueprints" / "sample.png"


class RecordingProxy:
    """A proxy that refuses everything, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        seen = self.requests

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                if line := self.rfile.readline():
                    seen.append(line.decode(errors="replace"))
                    self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                self.close_connection = True

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def proxy() -> Iterator[RecordingProxy]:
    recording = RecordingProxy()
    thread = threading.Thread(target=recording.server.serve_forever)
    thread.start()
    yield recording
    recording.server.shutdown()
    recording.server.server_close()
    thread.join()


def local(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_demo_prints_the_rooms_and_writes_the_answer_and_the_picture(tmp_path: Path) -> None:
    done = local("demo", SAMPLE, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    answer = json.loads((tmp_path / "out" / "sample.rooms.json").read_text())
    assert answer.keys() == {"blueprint_id", "detected_rooms", "image", "page"}
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


def test_a_plan_that_is_too_large_for_the_api_is_scaled_down_and_its_rooms_are_found(tmp_path: Path) -> None:
    large = tmp_path / "large.bmp"
    with Image.open(SAMPLE) as plan:
        plan.convert("RGB").resize((6000, round(6000 * plan.height / plan.width))).save(large)
    done = local("demo", large, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.match(
        rf"demo: {large}: 6000 x \d+ px in \d+\.\d MB is more than the API takes: sent as 5000 x \d+ px in \d\.\d MB\n",
        done.stderr,
    )
    assert "rooms in large.bmp" in done.stdout


def test_no_proxy_is_asked_for_what_is_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: RecordingProxy
) -> None:
    for scheme in ("http", "https", "all"):
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    plans = tmp_path / "plans"
    plans.mkdir()
    shutil.copy(SAMPLE, plans)
    done = local("bulk", "--out", tmp_path / "bulk", "--no-pictures", plans)
    assert (done.returncode, proxy.requests) == (0, []), done.stderr
    done = local("demo", SAMPLE, "--out", tmp_path / "demo", "--inference", "lambda")
    assert (done.returncode, proxy.requests) == (0, []), done.stderr


def test_an_empty_plan_is_one_line(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    assert local("demo", empty, "--out", tmp_path).stderr == f"demo: {empty}: is empty: give an image of a floor plan\n"


def test_a_file_that_is_no_image_is_one_line(tmp_path: Path) -> None:
    done = local("demo", ROOT / "pyproject.toml", "--out", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"demo: {ROOT}/pyproject.toml: image is no PNG, JPEG, TIFF, WebP, BMP or GIF file: send one of these.\n"
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
    assert f"score: text: {images}/text.png: image is no PNG" in done.stderr
    assert (tmp_path / "out" / "sample.rooms.png").is_file()


def test_scoring_a_folder_without_plans_is_one_line(tmp_path: Path) -> None:
    done = local("score", tmp_path)
    assert done.returncode == 1
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
