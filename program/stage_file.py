"""A stage's configuration: its file `Pulumi.<stage>.yaml`, read as Pulumi's CLI reads it."""

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "room-detection"
SETTINGS_KEY = f"{PROJECT}:settings"


class ProgramError(Exception):
    """The program cannot be run for this stage; the text is one line with the reason and what to do."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage's name and configuration. Keys are full (`aws:region`), values as Pulumi passes them, objects as JSON."""

    name: str
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Mapping[str, Any] | None:
        """The stage's settings object; None if there is none, or if it is not an object."""
        try:
            settings = json.loads(self.config.get(SETTINGS_KEY, ""))
        except json.JSONDecodeError:
            return None
        return settings if isinstance(settings, dict) else None


def stages() -> list[str]:
    """The names of the stages that have a file beside the program, sorted."""
    return sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


def read_stage(name: str, overrides: Mapping[str, Any] | None = None) -> Stage:
    """Reads `Pulumi.<name>.yaml`; `overrides` are merged into its settings object, nested groups key by key."""
    config = read_config(ROOT / f"Pulumi.{name}.yaml")
    if overrides:
        config = _merge(config, {SETTINGS_KEY: overrides})
    # A key without a value does not count, as in Pulumi's CLI.
    given = {str(key): value for key, value in config.items() if value is not None}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}
    return Stage(name=name, config=texts)


class _Loader(yaml.SafeLoader):
    """YAML as Pulumi's CLI reads it: true and false of YAML 1.2, no dates, no base 60 numbers, no duplicate keys.

    `yes`, `on` and `1:30` are strings there, but true and 90 in PyYAML: a preview would accept what a deployment
    refuses.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"{key.value} appears twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [*_first, *([""] if _tag == "null" else [])]
    )


def read_config(path: Path) -> dict[str, Any]:
    """The object under `config` in a stage's file.

    Raises:
        ProgramError: the file is missing, is not UTF-8 or YAML, has a key twice, or has no configuration.
    """
    if not path.is_file():
        stage = path.name.split(".")[1]
        raise ProgramError(f"stage {stage!r} has no file {path.name}: the stages are {', '.join(stages())}")
    try:
        document = yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)  # noqa: S506 - a safe loader
        json.dumps(document)
    except OSError as error:
        raise ProgramError(f"{path.name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ProgramError(f"{path.name} is not UTF-8 text: save it as such") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ProgramError(f"{path.name} is not YAML for a stage: {' '.join(str(error).split())}") from error
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise ProgramError(f"{path.name} has no object under 'config': add one with aws:region, as in Pulumi.dev.yaml")
    return config


def _merge(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in overlay.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return merged
