"""Messages for values that a pydantic model refuses: the name, the value, and what is allowed, in one line.

Used by the settings of a stage and by the hyperparameters of the training image.
"""

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, cast, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MultipleOf
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

# pydantic adds this to the location if the key itself is wrong.
_KEY_ITSELF = "[key]"


@dataclass(frozen=True)
class Allowed:
    """What a value must be, in words, if its pattern alone would not explain it."""

    text: str


def describe(field: FieldInfo) -> str:
    """The allowed values of a field, in words: "an integer from 1 to 900"."""
    return _allowed(_annotated(field))


def phrased(error: ValidationError, model: type[BaseModel], *, kind: str, key: str = "") -> str:
    """One line with every wrong value.

    Args:
        kind: what one field is called: "a setting".
        key: what the object itself is called, in front of each name.
    """
    return "; ".join(_line(model, kind, key, details) for details in error.errors())


def shown(value: object) -> str:
    """The value as in a file, on one line and shortened."""
    text = json.dumps(value, default=_plain_value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _plain_value(value: object) -> object:
    """A default that is invalid because of another value is already an object of the model."""
    return value.model_dump(by_alias=True, exclude_unset=True) if isinstance(value, BaseModel) else str(value)


def _line(model: type[BaseModel], kind: str, key: str, details: ErrorDetails) -> str:
    location = details["loc"]
    if details["type"] == "extra_forbidden":
        path, group = _place(model, key, location[:-1])
        unknown = str(location[-1])
        return f"{path}.{unknown}".removeprefix(".") + f" is not {kind}: {_suggestion(unknown, group)}"
    path, annotation = _place(model, key, location)
    path = path.removeprefix(".")
    allowed = str(details["ctx"]["error"]) if details["type"] == "value_error" and "ctx" in details else None
    must_be = f"must be {allowed or _allowed(annotation)}"
    if details["type"] == "missing":
        return f"{path} is missing: {must_be}"
    if location[-1:] == (_KEY_ITSELF,):
        return f"{path} is not allowed: its name {must_be}"
    return f"{path}: {shown(details['input'])} is not allowed: {must_be}"


def _place(model: type[BaseModel], key: str, location: Sequence[int | str]) -> tuple[str, object]:
    """A location from pydantic: with the names in the file, and its annotation with metadata."""
    path, found = key, cast("object", model)
    for part in location:
        group = _plain(found)
        if isinstance(group, type) and issubclass(group, BaseModel):
            # A default that is invalid because of another value is reported under its Python name.
            name, field = next((n, f) for n, f in group.model_fields.items() if part in (f.alias, n))
            path, found = f"{path}.{field.alias or name}", _annotated(field)
        elif isinstance(part, int):
            path, found = f"{path}[{part}]", get_args(group)[0]
        elif part == _KEY_ITSELF:
            found = get_args(group)[0] if get_origin(group) is dict else found
        elif get_origin(group) is dict:
            path = f"{path}.{part}"
            found = get_args(group)[0 if location[-1] == _KEY_ITSELF else 1]
    return path, found


def _suggestion(unknown: str, group: object) -> str:
    keys = _keys(group)
    close = difflib.get_close_matches(unknown, keys, n=1)
    return f"did you mean {close[0]}?" if close else f"must be one of {', '.join(keys)}"


def _annotated(field: FieldInfo) -> object:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _keys(annotation: object) -> list[str]:
    group = _plain(annotation)
    if not (isinstance(group, type) and issubclass(group, BaseModel)):
        raise TypeError(f"{group!r} has no keys")
    return [field.alias or name for name, field in group.model_fields.items()]


def _plain(annotation: object) -> object:
    """The annotation without its metadata."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _allowed(annotation: object) -> str:
    """What the annotation allows, in words."""
    if get_origin(annotation) is Annotated:
        plain, *given = get_args(annotation)
        metadata = [item for one in given for item in (one.metadata if isinstance(one, FieldInfo) else [one])]
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
    return {int: "an integer", float: "a number"}.get(cast("type", annotation), "text")


def _bounds(metadata: list[object]) -> str:
    low = next((item.ge for item in metadata if isinstance(item, Ge)), None)
    above = next((item.gt for item in metadata if isinstance(item, Gt)), None)
    high = next((item.le for item in metadata if isinstance(item, Le)), None)
    below = next((item.lt for item in metadata if isinstance(item, Lt)), None)
    step = next((item.multiple_of for item in metadata if isinstance(item, MultipleOf)), None)
    if high is None and below is None:
        return ""
    if low is not None and high is not None:
        words = f" from {low} to {high}"
    else:
        start = f" of at least {low}" if low is not None else f" above {above}"
        words = f"{start} and {f'at most {high}' if high is not None else f'below {below}'}"
    return words + (f" in steps of {step}" if step is not None else "")
