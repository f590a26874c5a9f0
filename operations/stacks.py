"""A stage's stack, through Pulumi's CLI: created on first use, deployed, read, removed."""

import os
from pathlib import Path
from typing import Any

from operations.external import OperationError, read_json, run
from program.stage_file import ProgramError, read_config

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = "room-detection:settings"

# `bootstrap` prints it, with {stage} for the stage: each has its own key. Without it a stack's secrets are encrypted
# with Pulumi's default, which asks for a passphrase.
SECRETS_PROVIDER_VARIABLE = "ROOM_DETECTION_SECRETS_PROVIDER"


def select(stage: str) -> None:
    """Makes the stage's stack the current one, and creates it where the state backend has none."""
    provider = os.environ.get(SECRETS_PROVIDER_VARIABLE, "").replace("{stage}", stage)
    run(
        ["pulumi", "stack", "select", "--create", "--stack", stage]
        + (["--secrets-provider", provider] if provider else [])
    )


def up(stage: str) -> None:
    run(["pulumi", "up", "--yes", "--stack", stage])


def destroy(stage: str) -> None:
    """Asks before it removes: `pulumi destroy` shows what goes and wants a yes."""
    run(["pulumi", "destroy", "--stack", stage])


def outputs(stage: str) -> dict[str, Any]:
    """The stack's exports; empty before its first deployment."""
    return read_json(["pulumi", "stack", "output", "--json", "--stack", stage])


def config(stage: str) -> dict[str, Any]:
    """The stage's configuration as its file has it.

    Raises:
        OperationError: there is no such stage, or its file has no configuration.
    """
    try:
        return read_config(ROOT / f"Pulumi.{stage}.yaml")
    except ProgramError as error:
        raise OperationError(str(error)) from error


def set_setting(stage: str, key: str, value: str) -> None:
    """Writes one of the stage's settings into `Pulumi.<stage>.yaml`."""
    run(["pulumi", "config", "set", "--stack", stage, "--path", f"{SETTINGS}.{key}", value])
