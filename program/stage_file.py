"""What a stage is configured with: its file `Pulumi.<stage>.yaml`, read as Pulumi's CLI reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "room-detection"
SETTINGS_KEY = f"{PROJECT}:settings"


class ProgramError(Exception):
    """The program cannot be run for this stage; the text is one line that says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage's name and configuration: full keys (`aws:region`) to values as Pulumi passes them, objects as JSON."""

    name: str
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Mapping[str, Any] | None:
        """The stage's settings object; None where there is none, or something else in its place."""
        try:
            settings = json.loads(self.config.get(SETTINGS_KEY, ""))
        except json.JSONDecodeError:
            return None
        return settings if isinstance(settings, dict) else None


def stages() -> list[str]:
    """The names of the stages that have a file beside the program, sorted."""
    return sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


def read_stage(name: str, overrides: Mapping[str, Any] | None = None) -> Stage:
    """Reads `Pulumi.<name>.yaml`; `overrides` are laid over its settings object, nested groups key by key."""
    path = ROOT / f"Pulumi.{name}.yaml"
    if not path.is_file():
        raise ProgramError(f"stage {name!r} has no file {path.name}: stages here are {', '.join(stages())}")
    try:
        document = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ProgramError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise ProgramError(f"{path.name} has no object under 'config': give it one with aws:region")
    if overrides:
        config = _merge(config, {SETTINGS_KEY: overrides})
    # A key without a value is none, and YAML's dates are texts, as for Pulumi's CLI.
    given = {str(key): value for key, value in config.items() if value is not None}
    texts = {key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in given.items()}
    return Stage(name=name, config=texts)


def _merge(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in overlay.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return merged
