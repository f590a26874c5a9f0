"""The README's commands, as they stand there, all but `make test` itself."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from blueprints.rendering.plans import write_plans
from local.account.calls import read_calls
from tests.local.patience import PATIENCE_SECONDS

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


@pytest.fixture(scope="module", autouse=True)
def curl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        if shutil.which("curl") is None:
            program = tmp_path_factory.mktemp("bin") / "curl"
            program.write_text(CURL)
            program.chmod(0o755)
            patched.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        yield


def run(command: str, out: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OUT": str(out), "REPETITIONS": "1", "SECONDS": "0.2"}
    return subprocess.run(
        ["bash", "-euc", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@dataclass(frozen=True, kw_only=True)
class Run:
    """A command that has ended, and the folder for what it writes."""

    ended: subprocess.CompletedProcess[str]
    out: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Runs a `make` of the README. Those of which make makes the same are run once."""
    runs: dict[str, Run] = {}

    def run_once(command: str) -> Run:
        recipe = run(command.replace("make ", "make -n ", 1), Path("out")).stdout
        if recipe not in runs:
            out = tmp_path_factory.mktemp("made")
            runs[recipe] = Run(ended=run(command, out), out=out)
        return runs[recipe]

    return run_once


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in {LOCAL, TEST, TRAIN, SERVE}])
def test_a_command_of_the_readme_does_what_it_says(command: str, made: Callable[[str], Run]):
    run = made(command)
    assert run.ended.returncode == 0, run.ended.stderr
    if "demo" in command:
        assert SAMPLE_ROOMS in run.ended.stdout
        assert json.loads((run.out / "sample.rooms.json").read_text())["detected_rooms"]
    if "FORMAT=json" in command:
        assert json.loads(run.ended.stdout)


@dataclass(frozen=True, kw_only=True)
class KilledLocal:
    """A `make local` that answered the README's calls and was killed.

    Attributes:
        calls: the README's, when they had ended.
        processes: how many it had by then.
        alive: those of them that did not end.
        temporary: where its files were.
        record: of the AWS calls.
    """

    calls: subprocess.CompletedProcess[str]
    processes: int
    alive: list[psutil.Process]
    temporary: Path
    record: Path


@pytest.fixture(scope="module")
def killed_local(tmp_path_factory: pytest.TempPathFactory) -> KilledLocal:
    """On a port that it finds free itself: one found here could be taken until it starts."""
    temporary = tmp_path_factory.mktemp("local")
    record = temporary / "calls.jsonl"
    command = f"exec {re.sub(r'PORT=[0-9]+', 'PORT=0', LOCAL)} CALLS={record}"
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        ["bash", "-c", command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as make:
        assert make.stdout is not None
        ready = re.fullmatch(r"API ready: http://127\.0\.0\.1:(\d+)/prod\n", make.stdout.readline())
        assert ready is not None
        calls = run(API_CALLS.replace("127.0.0.1:8000", f"127.0.0.1:{ready[1]}"), temporary)
        processes = psutil.Process(make.pid).children(recursive=True)
        make.kill()
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)
    return KilledLocal(calls=calls, processes=len(processes), alive=alive, temporary=temporary, record=record)


def test_the_api_answers_the_readmes_calls(killed_local: KilledLocal):
    ended = killed_local.calls
    assert ended.returncode == 0, ended.stderr
    process, end = json.JSONDecoder().raw_decode(ended.stdout)
    status = json.loads(ended.stdout[end:])
    assert status["status"] == "completed"
    assert status["detected_rooms"] == process["detected_rooms"]


def test_a_killed_make_local_shuts_down_cleanly(killed_local: KilledLocal):
    assert killed_local.processes == 4, "the command, the embedded AWS, the endpoint, one function's process"
    assert not killed_local.alive
    assert not list(killed_local.temporary.glob("room-detection-local-*/run-*"))
    actions = {one.action for one in read_calls(killed_local.record)}
    assert "dynamodb:GetItem" in actions, "the record outlives the stack"


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
