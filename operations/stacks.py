"""A stage's stack, through Pulumi's CLI: created on first use, deployed, read, removed."""

import os
from pathlib import Path
from typing import Any

import yaml

from operations.external import OperationError, read_json, run

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
    path = ROOT / f"Pulumi.{stage}.yaml"
    if not path.is_file():
        raise OperationError(f"stage {stage!r} has no file {path.name}: write one, dev's is an example")
    try:
        document = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise OperationError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise OperationError(f"{path.name} has no object under 'config': give it one, dev's is an example")
    return config


def set_setting(stage: str, key: str, value: str) -> None:
    """Writes one of the stage's settings into `Pulumi.<stage>.yaml`."""
    run(["pulumi", "config", "set", "--stack", stage, "--path", f"{SETTINGS}.{key}", value])
