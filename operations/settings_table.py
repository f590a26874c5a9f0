"""The page of all settings in the docs, generated from the settings' definitions."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic.alias_generators import to_camel

from components.settings.groups import SettingsGroup
from components.settings.stage import StageSettings
from images.validation_messages import describe

HEAD = """# Settings

Keys of `room-detection:settings` in `Pulumi.<stage>.yaml`; a dot stands for a nested group. A stage file holds what
differs from the defaults. Those are the values of "the document", the description of November 2024 that this system
is built from ([differences.md](differences.md)). A wrong key or value stops the program before anything is changed.
Written by `python -m operations settings > docs/settings.md`.

| setting | default | allowed | |
|---|---|---|---|"""


def page() -> str:
    return "\n".join([HEAD, *_rows(StageSettings)])


def _rows(group: type[SettingsGroup], prefix: str = "") -> Iterator[str]:
    """One Markdown row per setting; a group is replaced by its settings."""
    for name, field in group.model_fields.items():
        key = prefix + to_camel(name)
        if isinstance(field.default, SettingsGroup):
            yield from _rows(type(field.default), f"{key}.")
        else:
            description = " ".join((field.description or "").split())
            yield f"| `{key}` | {_default(field.default)} | {describe(field)} | {description} |"


def _default(value: Any) -> str:
    return "" if value is None else f"`{json.dumps(value)}`"
