"""However a stack ends, no process is left behind, and its directory goes: at once, or when the next stack starts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from processes.run_directory import run_directory
from tests.local.http_calls import call
from tests.local.patience import PATIENCE_SECONDS
from tests.local.small_program import write_archive

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """A stack in a process of its own, with the directory that its files are in."""

    def __init__(self, command: list[str], temporary: Path) -> None:
        self.temporary = temporary
        self.process = subprocess.Popen(
            # As from a terminal, also where the tests themselves run under nohup.
            ["env", "--default-signal=HUP", sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.first_line = self.process.stdout.readline().strip() if self.process.stdout else ""

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def directories(self) -> list[Path]:
        return sorted(self.temporary.glob("room-detection-local-*/run-*"))

    def wait(self) -> int:
        return self.process.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture
def tiny_stage(tmp_path: Path) -> Iterator[Running]:
    """A tiny stage with a function's process, up and serving."""
    archive = write_archive(tmp_path)
    running = Running(["-m", "tests.local.endings", str(archive)], tmp_path)
    assert call("GET", f"{running.first_line}/echo").status == 200
    yield running
    running.process.kill()
    running.wait()


# Has a directory and a process, which has one itself; takes a tenth of the time of a stage.
HOLDER = """
import asyncio, subprocess, sys
from console.interruption import InterruptedCommandError, run_until_interrupted
from processes.child import Child, plain_environment
from processes.run_directory import run_directory

CHILD = "import signal; print(flush=True); signal.pause()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{CHILD}'])"

async def hold():
    with run_directory() as directory:
        child = await Child.start(
            [sys.executable, "-c", PARENT], env=plain_environment(directory), cwd=directory, output=subprocess.PIPE
        )
        try:
            await child.stdout.readline()
            print("up", flush=True)
            await asyncio.Event().wait()
        finally:
            await child.stop()

try:
    run_until_interrupted(hold())
except InterruptedCommandError as interrupted:
    sys.exit(interrupted.exit_status)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process_and_removes_the_directory(number: signal.Signals, tmp_path: Path) -> None:
    running = Running(["-c", HOLDER], tmp_path)
    assert running.first_line == "up"
    assert running.directories()
    children = running.children()
    assert len(children) == 2
    running.process.send_signal(number)
    assert running.wait() == 128 + number
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_SECONDS)
    assert not alive
    assert not running.directories()


def test_a_stage_that_gets_a_second_signal_still_shuts_down_cleanly(tiny_stage: Running) -> None:
    children = tiny_stage.children()
    assert len(children) == 2, "the embedded AWS and one function's process"
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
        tiny_stage.process.send_signal(number)
    assert tiny_stage.wait() in {128 + signal.SIGINT, 128 + signal.SIGTERM}
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_SECONDS)
    assert not alive
    assert not tiny_stage.directories()


def test_a_killed_stacks_processes_end_and_the_next_stack_removes_its_directory(
    tiny_stage: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tiny_stage.temporary))
    children = tiny_stage.children()
    (theirs,) = tiny_stage.directories()
    with run_directory():
        assert theirs.is_dir(), "it runs, and its directory is left alone"
    tiny_stage.process.kill()
    tiny_stage.wait()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_SECONDS)
    assert not alive
    assert theirs.is_dir(), "nobody was left to remove it"
    with run_directory() as own:
        assert tiny_stage.directories() == [own]
    assert not tiny_stage.directories()


def test_a_signal_during_the_deployment_leaves_nothing_behind(tmp_path: Path) -> None:
    # The program says when it has begun: its first resource is being created.
    program = (
        "import asyncio, sys, time\n"
        "import pulumi_aws as aws\n"
        "from console.interruption import *\n"
        "from local.stack import local_stack\n"
        "def program():\n"
        "    print('begun', flush=True)\n"
        "    for number in range(100):\n"
        "        aws.sns.Topic(f'topic-{number}')\n"
        "async def main():\n"
        "    async with local_stack(program=program):\n"
        "        pass\n"
        "try:\n"
        "    run_until_interrupted(main())\n"
        "except InterruptedCommandError as error:\n"
        "    sys.exit(error.exit_status)\n"
    )
    running = Running(["-c", program], tmp_path)
    assert running.first_line == "begun"
    children = running.children()
    running.process.send_signal(signal.SIGTERM)
    assert running.wait() == 128 + signal.SIGTERM
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_SECONDS)
    assert not alive
    assert not running.directories()
