"""A stage's stack, managed with Pulumi's CLI: created on first use, deployed, read, removed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from operations.external import OperationError, read_json, run
from program.stage_file import ProgramError, read_config

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = "room-detection:settings"

# `bootstrap` prints it, with {stage} for the stage: each has its own key. Without it, a stack's secrets are encrypted
# with Pulumi's default, which asks for a passphrase.
SECRETS_PROVIDER_VARIABLE = "ROOM_DETECTION_SECRETS_PROVIDER"


# The part of the CLI's error that describes a lock of the state: "created by <user>@<host> (pid <number>) at <time>".
_LOCK = re.compile(r"created by (?P<by>\S+ \(pid \d+\)) at (?P<since>\S+)")


def select(stage: str) -> None:
    """Selects the stage's stack, and creates it if the state backend has none."""
    provider = os.environ.get(SECRETS_PROVIDER_VARIABLE, "").replace("{stage}", stage)
    _pulumi(*("stack", "select", "--create", "--stack", stage), *(["--secrets-provider", provider] if provider else []))


def up(stage: str, *, refresh: bool = False, environment: Mapping[str, str] | None = None) -> None:
    """Deploys. With `refresh`, it first looks for resources that are missing in AWS, and creates them again.

    Args:
        environment: variables for the program, in addition to the shell's.
    """
    _pulumi("up", "--yes", *(["--refresh"] if refresh else []), "--stack", stage, environment=environment)


def preview(stage: str) -> Sequence[Mapping[str, Any]]:
    """The steps of the next `up`, from the engine's JSON; changes nothing.

    Raises:
        OperationError: the program, its settings or the provider fail; the engine's own errors are on stderr.
    """
    command = ["pulumi", "preview", "--json", "--non-interactive", "--stack", stage]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=_environment())
    try:
        previewed = json.loads(ended.stdout)
    except json.JSONDecodeError:
        previewed = {}
    if ended.returncode:
        said = [d["message"].strip() for d in previewed.get("diagnostics", []) if d.get("severity") == "error"]
        print("\n".join(said) or ended.stderr.strip(), file=sys.stderr)
        raise OperationError(f"{' '.join(command)}: exit status {ended.returncode}")
    return previewed.get("steps", [])


def destroy(stage: str, *, confirmed: bool = False) -> None:
    """Removes the stack. `pulumi destroy` shows what it deletes and asks, unless the user has already confirmed."""
    _pulumi("destroy", *(["--yes"] if confirmed else []), "--stack", stage)


def outputs(stage: str) -> dict[str, Any]:
    """The stack's exports; empty before its first deployment."""
    return _read("stack", "output", "--json", "--stack", stage)


def resources(stage: str) -> Sequence[Mapping[str, Any]]:
    """The stage's resources in the state: each has `type`, `id`, `inputs`, `outputs` and, if it is set, `protect`."""
    return _deployment(stage).get("resources") or []


def refuse_locked(stage: str) -> None:
    """Stops if another deployment is running, or if a killed one has left the stack locked.

    A preview neither takes a lock nor checks for one. So this runs a refresh whose target does not exist, which does.
    """
    nothing = f"urn:pulumi:{stage}::room-detection::room-detection:none:None::none"
    command = ["pulumi", "refresh", "--yes", "--skip-preview", "--non-interactive", "--target", nothing]
    ended = subprocess.run(
        [*command, "--stack", stage], capture_output=True, text=True, check=False, cwd=ROOT, env=_environment()
    )
    if ended.returncode and (lock := _LOCK.search(ended.stdout + ended.stderr)):
        raise OperationError(
            f"stack {stage} is locked since {lock['since']} by {lock['by']}: wait for that deployment or, if it was "
            f"killed, run pulumi cancel --yes --stack {stage} and make deploy STAGE={stage} again"
        )


def interrupted(stage: str) -> Sequence[str]:
    """The unfinished operations of a killed deployment: "creating aws:s3/bucket:Bucket blueprints-bucket"."""
    operations = _deployment(stage).get("pending_operations") or []
    return [
        f"{operation['type']} {operation['resource']['type']} {operation['resource']['urn'].rpartition('::')[2]}"
        for operation in operations
    ]


def _deployment(stage: str) -> Mapping[str, Any]:
    return _read("stack", "export", "--stack", stage).get("deployment") or {}


def _environment(more: Mapping[str, str] | None = None) -> Mapping[str, str]:
    # If the stage file of a clone names no secrets provider, it takes the one from the state instead of asking for a
    # passphrase.
    return {"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true", **os.environ, **(more or {})}


def _pulumi(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    run(["pulumi", *arguments], folder=ROOT, environment=_environment(environment))


def _read(*arguments: str) -> Any:
    return read_json(["pulumi", *arguments], folder=ROOT, environment=_environment())


def config(stage: str) -> dict[str, Any]:
    """The stage's configuration from its file.

    Raises:
        OperationError: there is no such stage, or its file has no configuration.
    """
    try:
        return read_config(ROOT / f"Pulumi.{stage}.yaml")
    except ProgramError as error:
        raise OperationError(str(error)) from error


def set_setting(stage: str, key: str, value: str) -> None:
    """Writes one of the stage's settings into `Pulumi.<stage>.yaml`, unless the file already has this value."""
    said: Any = config(stage).get(SETTINGS)
    for name in key.split("."):
        said = said.get(name) if isinstance(said, Mapping) else None
    if said == value:
        return
    _pulumi("config", "set", "--stack", stage, "--path", f"{SETTINGS}.{key}", value)
