"""What a command does when nobody can read what it says: all of it, and its status says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[2]

# A command that says a lot, and then does something that can be seen.
TALKS = """
import pathlib, sys
from console.command import run
def main():
    for number in range(20_000):
        print("line", number)
    print("on standard error", file=sys.stderr)
    pathlib.Path(sys.argv[1]).write_text("done")
    return int(sys.argv[2])
run(main, at_once="at once" in sys.argv)
"""
COMMANDS = {
    "preview": ["-m", "program", "--stage", "local", "--inference", "lambda"],
    "operations": ["-m", "operations", "--help"],
    "blueprints": ["-m", "blueprints", "--help"],
    "benchmarks": ["-m", "benchmarks", "--help"],
    "local": ["-m", "local", "--help"],
}


def run(arguments: list[str], redirection: str) -> subprocess.CompletedProcess[str]:
    """The command by a shell, which redirects what it says."""
    shell = f'exec {sys.executable} "$@" {redirection}'
    return subprocess.run(
        ["/bin/sh", "-c", shell, "sh", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("end", ["in order", "at once"])
@pytest.mark.parametrize("status", [0, 3])
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-", ">/dev/full 2>&1", ">&- 2>&-", "2>&-", "2>/dev/full"])
def test_a_command_that_cannot_be_read_does_its_work_and_keeps_its_status(
    redirection: str, status: int, end: str, tmp_path: Path
) -> None:
    done = run(["-c", TALKS, str(tmp_path / "seen"), str(status), end], redirection)
    assert done.returncode == status, done.stderr
    assert (tmp_path / "seen").read_text() == "done"
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_reader_that_has_seen_enough_does_not_end_the_command(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", TALKS, str(tmp_path / "seen"), "0"],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(writing)
        os.read(reading, 10)
        os.close(reading)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "on standard error\n")
    assert (tmp_path / "seen").read_text() == "done"


def test_a_full_disk_is_one_line_on_standard_error(tmp_path: Path) -> None:
    done = run(["-c", TALKS, str(tmp_path / "seen"), "0"], ">/dev/full")
    assert done.stderr.splitlines() == [
        "standard output cannot be written (No space left on device): the rest is not shown",
        "on standard error",
    ]


# The preview registers a whole stage: once is enough.
@pytest.mark.parametrize(
    ("command", "redirection"),
    [
        (command, redirection)
        for command in COMMANDS
        for redirection in (">/dev/full", ">&-")
        if (command, redirection) != ("preview", ">&-")
    ],
)
def test_every_command_succeeds_with_closed_output_streams(command: str, redirection: str) -> None:
    done = run(COMMANDS[command], redirection)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_opened_first_is_not_taken_for_standard_output(tmp_path: Path) -> None:
    code = """
import pathlib, subprocess, sys
from console.command import run
def main():
    with open(sys.argv[1], "w") as file:
        subprocess.run(["echo", "of a child"], check=True)
        print("of the command")
    return 0
run(main)
"""
    done = run(["-c", code, str(tmp_path / "seen")], ">&-")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "seen").read_text() == ""
