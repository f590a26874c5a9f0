"""The programs that a deployment calls: Pulumi's CLI and Docker. Their output goes straight to the terminal."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

INSTALL = {
    "pulumi": "https://www.pulumi.com/docs/install/",
    "docker": "https://docs.docker.com/engine/install/",
}


class OperationError(Exception):
    """An operation cannot go on; the text is one line that says why and what to do."""


def require(*programs: str) -> None:
    """Stops before anything is changed when a program is missing."""
    for program in programs:
        if shutil.which(program) is None:
            raise OperationError(f"{program} is not on PATH: install it from {INSTALL[program]}")


def run(
    command: Sequence[str],
    *,
    stdin: str | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> None:
    """Runs a command in the foreground.

    Args:
        stdin: text for it to read, such as a password.
        folder: its working directory; by default that of this process.
        environment: all of its variables; by default those of this process.
        quiet: drop its stdout.
    """
    stdout = subprocess.DEVNULL if quiet else None
    try:
        subprocess.run(command, input=stdin, text=True, check=True, cwd=folder, env=environment, stdout=stdout)
    except subprocess.CalledProcessError as error:
        raise OperationError(f"{' '.join(command)}: exit status {error.returncode}") from error


def read_json(
    command: Sequence[str], *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Any:
    """Runs a command and returns its stdout, parsed as JSON; its stderr goes to the terminal."""
    try:
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=folder, env=environment)
    except subprocess.CalledProcessError as error:
        raise OperationError(f"{' '.join(command)}: exit status {error.returncode}") from error
    return json.loads(ended.stdout)
