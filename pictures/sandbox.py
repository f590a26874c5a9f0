"""A decoder's work within the limits of a process of its own (`limited`), and its failures as refusals."""

import json
from collections.abc import Callable
from typing import TypeVar

from pictures import limited, limits
from pictures.errors import NoSuchPageError, PictureError, TooLargeError, UnreadableError

Result = TypeVar("Result")

# The first byte of the child's answer.
_DONE, _REFUSED = b"d", b"r"
_REFUSALS = {kind.__name__: kind for kind in (UnreadableError, TooLargeError, NoSuchPageError)}


def run(work: Callable[[], bytes], *, what: str, seconds: float, broken: PictureError) -> bytes:
    """The result of `work()`, within `seconds` and `limits.DECODE_MEMORY_BYTES`.

    Args:
        what: the name of the file, such as "TIFF image", for the messages.
        broken: the refusal if the work raises anything but a refusal, or ends its process.

    Raises:
        PictureError: it was refused, or needs more time or memory than allowed.
    """
    try:
        answer = limited.run(lambda: _answer(work, broken), seconds=seconds, memory_bytes=limits.DECODE_MEMORY_BYTES)
    except limited.OverTimeError as error:
        raise UnreadableError(
            f"The {what} takes more than {seconds:g} s to decode: export it again, as a standard PNG or JPEG."
        ) from error
    except limited.OverMemoryError as error:
        raise TooLargeError(
            f"The {what} takes more than {limits.DECODE_MEMORY_BYTES // 1_000_000} MB to decode: "
            "save it as PNG or JPEG, or scale it down."
        ) from error
    except limited.CrashedError as error:
        raise broken from error
    if answer[:1] == _REFUSED:
        refusal = json.loads(answer[1:])
        raise _REFUSALS[refusal["as"]](refusal["message"])
    return answer[1:]


def readable(work: Callable[[], Result], broken: PictureError) -> Result:
    """The result of the work. An error in it means a bad file, `broken`, unless memory ran out."""
    try:
        return work()
    except (MemoryError, PictureError):
        raise
    except Exception as error:
        raise broken from error


def _answer(work: Callable[[], bytes], broken: PictureError) -> bytes:
    """In the child process: the result of its work, or why the file is refused."""
    try:
        return _DONE + readable(work, broken)
    except PictureError as error:
        return _REFUSED + json.dumps({"as": type(error).__name__, "message": str(error)}).encode()
