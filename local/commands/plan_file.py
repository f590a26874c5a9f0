"""A floor plan's file: what is sent to the API, and the picture that its rooms are drawn on."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from images.inference.decoding import decode
from images.inference.errors import RequestError
from local.functions.function import EVENT_LIMIT_BYTES

_EVENT_OVERHEAD_BYTES = 8_192  # the event's other fields and the request's headers
LARGEST_PLAN_BYTES = (EVENT_LIMIT_BYTES - _EVENT_OVERHEAD_BYTES) // 4 * 3  # base64 has four characters for three bytes


class PlanFileError(Exception):
    """A file that the API would not take as a plan; the text is one line."""


@dataclass(frozen=True, kw_only=True)
class PlanFile:
    """The file's bytes, and its picture upright in RGB."""

    name: str
    content: bytes
    picture: Image.Image


def read_plan(path: Path) -> PlanFile:
    """Reads and decodes a plan. `PlanFileError` when it cannot be read, is too large for the API, or is no image."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanFileError(f"{path}: cannot be read: {error.strerror}") from error
    if not content:
        raise PlanFileError(f"{path}: is empty: give an image of a floor plan")
    if len(content) > LARGEST_PLAN_BYTES:
        raise PlanFileError(
            f"{path}: has {len(content)} bytes; one request carries {LARGEST_PLAN_BYTES} at most: "
            "scale the plan down, or save it as PNG or JPEG"
        )
    try:
        return PlanFile(name=path.stem, content=content, picture=decode(content))
    except RequestError as error:
        raise PlanFileError(f"{path}: {error}") from error
