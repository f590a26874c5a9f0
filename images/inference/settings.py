"""The server's settings, validated; read once, by the entry point."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from images.inference import contract

# The defaults of a stage too. Pages that repeat them: tests/images/inference/test_settings.py.
DEFAULT_CONFIDENCE_THRESHOLD = 0.25
DEFAULT_IOU_THRESHOLD = 0.45
Precision = Literal["float32", "int8"]
AUTO_PRECISION = "auto"  # the fastest that the processor and the weights offer
Views = Literal[1, 2, 4]  # of each plan, mirrored: a forward pass each
DEFAULT_VIEWS: Views = 1

_MAX_PORT = 65_535


class SettingsError(Exception):
    """An invalid setting; the message is one line with the variable, its value and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a process.

    A box is kept if its confidence is greater than `confidence_threshold`; it loses confidence if its IoU with a
    more confident box is greater than `iou_threshold` (`images.inference.suppression`).

    Attributes:
        precision: of the forward pass; None chooses the fastest that the CPU and the weights support.
        views: number of views of each plan (`images.inference.augmentation`).
    """

    address: str
    port: int
    model_path: Path
    confidence_threshold: float
    iou_threshold: float
    precision: Precision | None
    views: Views


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Returns the settings in `environment`, with the defaults for absent variables.

    Raises:
        SettingsError: a variable is empty, not a number, an address, a precision or a number of views, or out of
            range.
    """
    model_path = environment.get(contract.MODEL_PATH_VARIABLE, contract.DEFAULT_MODEL_PATH)
    if not model_path.strip():
        raise _not_allowed(contract.MODEL_PATH_VARIABLE, model_path, "the path of an ONNX file")
    return Settings(
        address=_address(environment),
        port=_port(environment),
        model_path=Path(model_path),
        confidence_threshold=_fraction(environment, contract.CONFIDENCE_VARIABLE, DEFAULT_CONFIDENCE_THRESHOLD),
        iou_threshold=_fraction(environment, contract.IOU_VARIABLE, DEFAULT_IOU_THRESHOLD),
        precision=_precision(environment),
        views=_views(environment),
    )


def _address(environment: Mapping[str, str]) -> str:
    text = environment.get(contract.ADDRESS_VARIABLE, contract.DEFAULT_ADDRESS)
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise _not_allowed(contract.ADDRESS_VARIABLE, text, "an IP address of this machine") from error


def _port(environment: Mapping[str, str]) -> int:
    text = environment.get(contract.PORT_VARIABLE, str(contract.DEFAULT_PORT))
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= _MAX_PORT:
        raise _not_allowed(contract.PORT_VARIABLE, text, f"an integer from 0 to {_MAX_PORT} (0 takes any free port)")
    return port


def _precision(environment: Mapping[str, str]) -> Precision | None:
    text = environment.get(contract.PRECISION_VARIABLE, AUTO_PRECISION)
    if text == AUTO_PRECISION:
        return None
    for precision in get_args(Precision):
        if text == precision:
            return precision
    allowed = ", ".join(get_args(Precision))
    raise _not_allowed(contract.PRECISION_VARIABLE, text, f"{AUTO_PRECISION}, {allowed}")


def _views(environment: Mapping[str, str]) -> Views:
    text = environment.get(contract.VIEWS_VARIABLE, str(DEFAULT_VIEWS))
    for views in get_args(Views):
        if text == str(views):
            return views
    raise _not_allowed(contract.VIEWS_VARIABLE, text, ", ".join(map(str, get_args(Views))))


def _fraction(environment: Mapping[str, str], variable: str, default: float) -> float:
    text = environment.get(variable, str(default))
    try:
        fraction = float(text)
    except ValueError:
        fraction = -1.0
    if not 0.0 <= fraction <= 1.0:  # also refuses nan
        raise _not_allowed(variable, text, "a number from 0 to 1")
    return fraction


def _not_allowed(variable: str, value: str, allowed: str) -> SettingsError:
    return SettingsError(f"{variable}: {value!r} is not allowed: must be {allowed}")
