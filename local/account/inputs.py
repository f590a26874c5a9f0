"""A resource's inputs, and a check that none is overlooked.

The function that creates a resource takes every property that it passes on, and ignores, with a reason, those without
effect here. A remaining property is one that the program sets and the local stage would silently drop, so an error
names it.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from pulumi.runtime import rpc


class UnsupportedError(Exception):
    """The program uses something that the local stage does not have; the text names it and says what to do."""


def plain(value: Any) -> Any:
    """A value for AWS's APIs: secrets unwrapped, whole numbers as int (Pulumi has only floats)."""
    if rpc.is_rpc_secret(value):
        return plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def pascal_keys(value: Any, **spelt: str) -> Any:
    """A nested value with the key names of AWS's APIs, without nulls.

    `maxCapacity` becomes `MaxCapacity`; `spelt` names the exceptions, such as `id="ID"`. botocore refuses a key that
    its service does not have, so nested properties are not overlooked either.
    """
    if isinstance(value, Mapping):
        return {
            spelt.get(key, key[:1].upper() + key[1:]): pascal_keys(item, **spelt)
            for key, item in value.items()
            if item is not None and key != "__defaults"
        }
    if isinstance(value, list):
        return [pascal_keys(item, **spelt) for item in value]
    return value


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Tags in the form of most AWS APIs."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


class Inputs:
    """Properties by their camelCase names, each taken once or explicitly ignored."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = {key: value for key, value in values.items() if value is not None and key != "__defaults"}
        self._path = path
        self._seen: set[str] = set()
        self._groups: list[Inputs] = []

    def take(self, name: str, default: Any = None) -> Any:
        """The property's value, or `default` if it is null; the caller is now responsible for it."""
        self._seen.add(name)
        return self._values.get(name, default)

    def need(self, name: str) -> Any:
        """The value of a property that the resource type requires."""
        if name not in self._values:
            raise UnsupportedError(f"property {self._path}{name} is required here: give it")
        return self.take(name)

    def group(self, name: str) -> "Inputs":
        """A nested object, checked like this one; empty where the property is null."""
        return self._nested(name, self.take(name, {}), "")

    def groups(self, name: str) -> list["Inputs"]:
        """A list of nested objects, each checked like this one."""
        return [self._nested(name, item, f"[{index}]") for index, item in enumerate(self.take(name, []))]

    def _nested(self, name: str, value: Mapping[str, Any], index: str) -> "Inputs":
        nested = Inputs(value, f"{self._path}{name}{index}.")
        self._groups.append(nested)
        return nested

    def arguments(self, **properties: str) -> dict[str, Any]:
        """Arguments for an AWS call, `Argument="property"`; those whose property is null are left out."""
        taken = {argument: self.take(name) for argument, name in properties.items()}
        return {argument: value for argument, value in taken.items() if value is not None}

    def set_aside(self, reason: str, *names: str) -> None:
        """Ignores properties; `reason` is only for readers of the calling code."""
        if not reason:
            raise ValueError("say why these properties have no effect here")
        self._seen.update(names)

    def __bool__(self) -> bool:
        return bool(self._values)

    def overlooked(self) -> list[str]:
        """The properties, including nested ones, that were neither taken nor ignored."""
        own = [f"{self._path}{name}" for name in self._values if name not in self._seen]
        return own + [name for group in self._groups for name in group.overlooked()]


def physical_name(
    logical_name: str, inputs: Inputs, *, name: str = "name", prefix: str | None = None, limit: int = 255
) -> str:
    """The name in AWS: the given one, else the logical name and 7 random hexadecimal digits, as Pulumi generates it."""
    given = inputs.take(name)
    given_prefix = inputs.take(prefix) if prefix else None
    if given:
        return given
    random_part = secrets.token_hex(4)[:7]
    return f"{given_prefix}{random_part}" if given_prefix else f"{logical_name[: limit - 8]}-{random_part}"
