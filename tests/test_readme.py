"""The README's commands, as they stand there, all but `make test` itself."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blueprints.rendering.plans import write_plans

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("make ")]
LOCAL = next(command for command in COMMANDS if command.startswith("make local"))
TEST = "make test"  # which runs this
API_CALLS = next(block for block in BLOCKS if block.startswith("API="))
CONVERT, TRAIN, SERVE = next(block for block in BLOCKS if "make train" in block).splitlines()
# What the README says that the demo finds.
SAMPLE_ROOMS = re.findall(r"^\d+ rooms in sample\.png$", README, re.MULTILINE)[0]
# Checked in tests/operations: they need an account, and say so in one line where there is none.
ON_AWS = {"bootstrap", "deploy", "destroy"}


# What the README asks of curl, for machines that have Python, git and make alone.
CURL = f"""#!{sys.executable}
import argparse, sys, urllib.request
parser = argparse.ArgumentParser()
parser.add_argument("url"), parser.add_argument("-s", action="store_true")
parser.add_argument("-H", dest="header"), parser.add_argument("-d", dest="data")
given = parser.parse_args()
data = sys.stdin.read() if given.data == "@-" else given.data
headers = dict([given.header.split(": ", 1)]) if given.header else {{}}
request = urllib.request.Request(given.url, data and data.encode(), headers)
print(urllib.request.urlopen(request).read().decode(), end="")
"""


@pytest.fixture(autouse=True)
def curl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("curl") is None:
        program = tmp_path / "bin" / "curl"
        program.parent.mkdir()
        program.write_text(CURL)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def run(command: str, out: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OUT": str(out), "REPETITIONS": "1", "SECONDS": "0.2"}
    return subprocess.run(
        ["bash", "-euc", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in {LOCAL, TEST, TRAIN, SERVE}])
def test_a_command_of_the_readme_does_what_it_says(command: str, tmp_path: Path):
    ended = run(command, tmp_path)
    assert ended.returncode == 0, ended.stderr
    if "demo" in command:
        assert SAMPLE_ROOMS in ended.stdout
        assert json.loads((tmp_path / "sample.rooms.json").read_text())["detected_rooms"]
    if "FORMAT=json" in command:
        assert json.loads(ended.stdout)


@pytest.fixture
def api_port() -> Iterator[int]:
    """`make local`, on a port that it finds free itself: one found here could be taken until it starts."""
    command = re.sub(r"PORT=\d+", "PORT=0", LOCAL)
    with subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as local:
        assert local.stdout is not None
        ready = re.fullmatch(r"API ready: http://127\.0\.0\.1:(\d+)/prod\n", local.stdout.readline())
        assert ready is not None
        yield int(ready[1])
        local.send_signal(signal.SIGTERM)


def test_the_api_answers_the_readmes_calls(api_port: int, tmp_path: Path):
    ended = run(API_CALLS.replace("127.0.0.1:8000", f"127.0.0.1:{api_port}"), tmp_path)
    assert ended.returncode == 0, ended.stderr
    process, end = json.JSONDecoder().raw_decode(ended.stdout)
    status = json.loads(ended.stdout[end:])
    assert status["status"] == "completed"
    assert status["detected_rooms"] == process["detected_rooms"]


@pytest.mark.training
def test_a_folder_of_labelled_plans_becomes_weights_that_are_served(tmp_path: Path):
    """The three commands on a few small plans, for one epoch instead of a hundred."""
    mine, plans = tmp_path / "mine", tmp_path / "plans"
    write_plans(mine, count=8, seed=3)
    converted = run(CONVERT.replace("mine/", str(mine)).replace("plans/", str(plans)) + " --validation 0.4", tmp_path)
    assert converted.returncode == 0, converted.stderr
    small = f"DATA={plans} EPOCHS=1 SET='img_size=96 batch_size=4'"
    trained = run(TRAIN.replace("DATA=plans EPOCHS=100", small), tmp_path)
    assert trained.returncode == 0, trained.stderr
    serve = f"exec {SERVE.replace('out/', f'{tmp_path}/')} PORT=0"
    with subprocess.Popen(["bash", "-c", serve], cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert rooms_of_the_sample(server.stdout or []).keys() == {"rooms", "image"}
        finally:
            server.send_signal(signal.SIGTERM)


def rooms_of_the_sample(log: Iterable[str]) -> dict[str, Any]:
    """What a server answers for the sample plan, once its log says that it is ready."""
    port = 0
    for line in map(json.loads, log):
        port = line.get("port", port)
        if line["message"] == "ready":
            break
    body = (ROOT / "blueprints" / "sample.png").read_bytes()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", body, {"Content-Type": "image/png"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.mark.training
def test_the_benchmark_reports_every_figure(tmp_path: Path):
    ended = run("make bench", tmp_path)
    assert ended.returncode == 0, ended.stderr
    report = json.loads((tmp_path / "bench.json").read_text())
    measured = {figure["name"].strip() for figure in report["figures"]}
    assert {
        "make preview STAGE=dev",
        "make demo",
        "added by API and function, endpoint",
        "requests/s by the document's, 4 clients: float32, raw",
        "in a process of its own: interpreter",
    } <= measured


def test_every_make_target_that_the_docs_name_exists():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [README, *(page.read_text() for page in (ROOT / "docs").glob("*.md"))]
    named = {target for page in pages for target in re.findall(r"(?:`|^)make ([a-z][a-z-]*)", page, re.MULTILINE)}
    assert named - targets == set()
    assert named >= ON_AWS
