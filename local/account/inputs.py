"""A resource's inputs, of which none may be overlooked.

What creates a resource takes every property that it passes on, and sets aside, with a reason, those that mean nothing
here. A property that is left over is one that the program declares and the local stage would silently not have: an
error names it.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from pulumi.runtime import rpc


class UnsupportedError(Exception):
    """The program uses something that the local stage does not have; the text names it and says what to do."""


def plain(value: Any) -> Any:
    """A value as AWS's APIs want it: secrets unwrapped, whole numbers as int (Pulumi has only floats)."""
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
    """A nested value with its keys as AWS's APIs spell them, nulls left out.

    `maxCapacity` becomes `MaxCapacity`; `spelt` names the exceptions, `id="ID"`. botocore refuses a key that its
    service does not have, so that nothing nested is overlooked either.
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
    """Tags as most of AWS's APIs take them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


class Inputs:
    """Properties by their camelCase names, each taken once or set aside."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = {key: value for key, value in values.items() if value is not None and key != "__defaults"}
        self._path = path
        self._seen: set[str] = set()
        self._groups: list[Inputs] = []

    def take(self, name: str, default: Any = None) -> Any:
        """The property's value, null as `default`; from here on it is the caller's to represent."""
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
        """Leaves properties without effect here; `reason` is for whoever reads the calling code."""
        if not reason:
            raise ValueError("say why these properties have no effect here")
        self._seen.update(names)

    def __bool__(self) -> bool:
        return bool(self._values)

    def overlooked(self) -> list[str]:
        """The properties, nested ones included, that nobody took or set aside."""
        own = [f"{self._path}{name}" for name in self._values if name not in self._seen]
        return own + [name for group in self._groups for name in group.overlooked()]


def physical_name(
    logical_name: str, inputs: Inputs, *, name: str = "name", prefix: str | None = None, limit: int = 255
) -> str:
    """The name in AWS: the given one, else as Pulumi generates it, the logical name and 7 random hexadecimal digits."""
    given = inputs.take(name)
    given_prefix = inputs.take(prefix) if prefix else None
    if given:
        return given
    random_part = secrets.token_hex(4)[:7]
    return f"{given_prefix}{random_part}" if given_prefix else f"{logical_name[: limit - 8]}-{random_part}"
