"""Pulumi's CLI over a folder with the project's stage files, with its state in another."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.engine.language_host import PROGRAM
from tests.engine.provider import AwsProvider

ROOT = PROGRAM.parent
SETTINGS = "room-detection:settings"
LONGEST_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Pulumi:
    """The CLI that is on PATH.

    Attributes:
        folder: of Pulumi.yaml and the stage files, copies that a test may change.
        environment: where the state is, and the provider and the language host that run already.
    """

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def over(cls, folder: Path, *, port: int) -> "Pulumi":
        """A copy of the project's files in `folder`, and the state beside them; `port` is of the two servers."""
        project, state, home = folder / "project", folder / "state", folder / "home"
        for made in (project, state, home):
            made.mkdir(parents=True)
        for file in ROOT.glob("Pulumi*.yaml"):
            shutil.copy(file, project)
        given = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
        return cls(
            folder=project,
            environment=given
            | {
                "PULUMI_BACKEND_URL": f"file://{state}",
                "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
                "PULUMI_HOME": str(home),
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PULUMI_DEBUG_PROVIDERS": f"aws:{port}",
                "PULUMI_DEBUG_LANGUAGES": f"python:{port}",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
            },
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts the CLI, which never asks and never colours."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env={**self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, fails: bool = False) -> str:
        """What the CLI prints on stdout and stderr; it must succeed, or, with `fails`, must not."""
        with self.start(*arguments) as running:
            printed, errors = running.communicate(timeout=LONGEST_SECONDS)
        assert (running.returncode != 0) == fails, f"pulumi {' '.join(arguments)}:\n{printed}{errors}"
        return printed if "--json" in arguments else printed + errors

    def settings(self, stage: str) -> dict[str, Any]:
        """What the stage's file sets, as the project has it."""
        return yaml.safe_load((ROOT / f"Pulumi.{stage}.yaml").read_text())["config"][SETTINGS]

    def up(self, stage: str, *, fails: bool = False) -> str:
        return self.run("up", "--yes", "--skip-preview", "--suppress-progress", "--stack", stage, fails=fails)

    def destroy(self, stage: str, *, fails: bool = False) -> str:
        return self.run("destroy", "--yes", "--skip-preview", "--suppress-progress", "--stack", stage, fails=fails)

    def resources(self, stage: str) -> list[dict[str, Any]]:
        """What the state has."""
        return json.loads(self.run("stack", "export", "--stack", stage))["deployment"].get("resources", [])

    def configure(self, stage: str, settings: Mapping[str, Any]) -> None:
        """Gives the stage's file these settings, beside what the CLI has written there."""
        path = self.folder / f"Pulumi.{stage}.yaml"
        document = yaml.safe_load(path.read_text())
        document["config"][SETTINGS] = settings
        path.write_text(yaml.safe_dump(document))


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The CLI, and the account that it deploys into."""

    pulumi: Pulumi
    aws: AwsProvider
