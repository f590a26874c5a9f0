"""What is said of a wrong setting: its name as the stage's file has it, its value, and what is allowed."""

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, cast, get_args, get_origin

from annotated_types import Ge, Gt, Le, MultipleOf
from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class Allowed:
    """What a value must be, in words, where its pattern alone would not tell a reader."""

    text: str


def describe(field: FieldInfo) -> str:
    """What a setting may be, in words: "an integer from 1 to 900"."""
    return _allowed(_annotated(field))


def phrased(error: ValidationError, model: type[BaseModel], *, key: str) -> str:
    """One line with every wrong key, its value and what is allowed; `key` is what the object itself is called."""
    return "; ".join(_line(model, key, details) for details in error.errors())


def _line(model: type[BaseModel], key: str, details: ErrorDetails) -> str:
    location = details["loc"]
    if details["type"] == "extra_forbidden":
        *above, unknown = location
        return f"{_path(key, above)}.{unknown} is not a setting: {_suggestion(str(unknown), _annotation(model, above))}"
    path = _path(key, location)
    allowed = str(details["ctx"]["error"]) if details["type"] == "value_error" and "ctx" in details else None
    must_be = f"must be {allowed or _allowed(_annotation(model, location))}"
    if details["type"] == "missing":
        return f"{path} is missing: {must_be}"
    return f"{path}: {shown(details['input'])} is not allowed: {must_be}"


def _path(key: str, location: Sequence[int | str]) -> str:
    # A default that another setting makes wrong is reported under its name in Python.
    return key + "".join(f"[{part}]" if isinstance(part, int) else f".{to_camel(part)}" for part in location)


def shown(value: object) -> str:
    """The value as the stage's file has it, on one line and no longer than a line."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _suggestion(unknown: str, group: object) -> str:
    keys = _keys(group)
    close = difflib.get_close_matches(unknown, keys, n=1)
    return f"did you mean {close[0]}?" if close else f"must be one of {', '.join(keys)}"


def _annotation(model: type[BaseModel], location: Sequence[int | str]) -> object:
    """What stands in the model's classes at a place that pydantic names: the annotation with its metadata."""
    found: object = model
    for part in location:
        group = _plain(found)
        if isinstance(group, type) and issubclass(group, BaseModel):
            fields = group.model_fields.items()
            found = next(_annotated(field) for name, field in fields if part in (field.alias, name))
        elif isinstance(part, int):
            found = get_args(group)[0]  # an entry of a list
        else:
            break  # a key or a value of an object: the object's own annotation says what is allowed
    return found


def _annotated(field: FieldInfo) -> object:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _keys(annotation: object) -> list[str]:
    group = _plain(annotation)
    if not (isinstance(group, type) and issubclass(group, BaseModel)):
        raise TypeError(f"{group!r} has no keys")
    return [str(field.alias) for field in group.model_fields.values()]


def _plain(annotation: object) -> object:
    """The annotation without its metadata."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _allowed(annotation: object) -> str:
    """What the annotation allows, in words."""
    if get_origin(annotation) is Annotated:
        plain, *metadata = get_args(annotation)
        words = next((item.text for item in metadata if isinstance(item, Allowed)), None)
        return words or f"{_allowed(plain)}{_bounds(metadata)}"
    arguments = get_args(annotation)
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_allowed(argument) for argument in arguments if argument is not NoneType)
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(json.dumps(choice) for choice in arguments)}"
    if get_origin(annotation) is tuple:
        return "a list"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"an object with keys among {', '.join(_keys(annotation))}"
    if annotation is bool:
        return "true or false"
    return {int: "an integer", float: "a number"}.get(cast("type", annotation), "a text")


def _bounds(metadata: list[object]) -> str:
    low = next((item.ge for item in metadata if isinstance(item, Ge)), None)
    above = next((item.gt for item in metadata if isinstance(item, Gt)), None)
    high = next((item.le for item in metadata if isinstance(item, Le)), None)
    step = next((item.multiple_of for item in metadata if isinstance(item, MultipleOf)), None)
    start = f" from {low}" if low is not None else f" above {above}"
    return f"{start} to {high}" + (f" in steps of {step}" if step is not None else "") if high is not None else ""
