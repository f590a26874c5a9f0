"""A checkout of the project on a machine of its own, where an operator runs make."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.engine import docker_program
from tests.engine.cli import LONGEST_SECONDS, ROOT, SETTINGS

# What make would fetch anew: a checkout's files, which say what to fetch, are newer than the environment.
_FETCHED = ".venv/.run"


@dataclass(frozen=True, kw_only=True)
class Clone:
    """The files of the working tree that git has or would take, in a folder of their own.

    Attributes:
        folder: of the checkout.
        environment: the shell's, without anything of this machine's AWS and Pulumi.
        docker: where `docker` keeps what it was asked.
    """

    folder: Path
    environment: Mapping[str, str]
    docker: Path

    @classmethod
    def into(cls, folder: Path, environment: Mapping[str, str]) -> "Clone":
        """A checkout in `folder`, which holds a home for Pulumi and one for Docker beside it."""
        checkout, programs = folder / "checkout", folder / "bin"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (checkout / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, checkout / name)
        (checkout / ".venv").symlink_to(ROOT / ".venv")
        # The archives in it have their content's hash for a name: what one checkout has packed is every other's.
        (checkout / "build").symlink_to(ROOT / "build")
        programs.mkdir()
        (programs / "docker").write_text(f'#!/bin/sh\nexec {sys.executable} -m {docker_program.__name__} "$@"\n')
        (programs / "docker").chmod(0o755)
        own = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "pulumi"),
            "DOCKER_CONFIG": str(folder / "docker"),
        }
        return cls(folder=checkout, environment={**environment, **own}, docker=folder / "docker")

    def built(self) -> list[str]:
        """The images that were built and pushed here, in turn: `<repository>:<tag>`."""
        asked = self.docker / "asked"
        calls = [json.loads(line) for line in asked.read_text().splitlines()] if asked.exists() else []
        return [call[call.index("--tag") + 1] for call in calls if "build" in call]

    def settings(self, stage: str) -> dict[str, Any]:
        """What the stage's file sets here."""
        return yaml.safe_load((self.folder / f"Pulumi.{stage}.yaml").read_text())["config"][SETTINGS]

    def make(self, *arguments: str, **variables: str) -> str:
        """What a command prints, which must succeed; nobody is there to answer a question.

        Args:
            variables: of the shell, beside the others.
        """
        ended = subprocess.run(
            ["make", "--old-file", _FETCHED, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, f"make {' '.join(arguments)}:\n{ended.stdout}"
        return ended.stdout
