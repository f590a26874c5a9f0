"""A picture file: opened, checked, read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from PIL import Image

from pictures import limited, limits, pixels
from pictures.errors import PictureError, TooLargeError, UnreadableError
from pictures.formats import Format, recognise
from pictures.structure import UPRIGHT, Structure, damaged

Result = TypeVar("Result")

# The first byte of the child's answer.
_DONE, _REFUSED = b"d", b"r"


@dataclass(frozen=True)
class PictureFile:
    """A file of a supported type with a valid structure; nothing of it is decoded yet."""

    format: Format
    structure: Structure

    @property
    def width(self) -> int:
        """Width of the upright picture in px; likewise `height`."""
        return self._upright_size[0]

    @property
    def height(self) -> int:
        return self._upright_size[1]

    @property
    def page_count(self) -> int:
        """The number of pages, of which the first is read."""
        return self.structure.page_count

    @property
    def is_plain(self) -> bool:
        """Upright, 8 bits of grey or RGB, nothing transparent: every program shows it the same way."""
        return self.structure.plain and self.structure.orientation == UPRIGHT

    def check(self) -> None:
        """Decodes the picture to its end. Raises PictureError."""
        check = partial(pixels.check, self.format.pillow_name, self.structure)
        if self.structure.quick:
            _readable(self.format, check)
        else:
            self._in_limits(lambda: check() or b"")

    def read(self, longest_side_px: int | None = None) -> Image.Image:
        """The upright picture in RGB, or in grey (mode L) if it has no colours; transparent parts become page
        background.

        Args:
            longest_side_px: the new longest side, scaled up or down; None keeps the size.

        Raises:
            PictureError: it is damaged, or needs more time or memory than `limits` allows.
        """
        decode = partial(pixels.decode, self.format.pillow_name, self.structure, longest_side_px)
        if self.structure.quick:
            return _readable(self.format, decode)
        return _image(self._in_limits(lambda: _packed(decode())))

    @property
    def _upright_size(self) -> tuple[int, int]:
        width, height = self.structure.width, self.structure.height
        return (height, width) if self.structure.orientation in pixels.SIDEWAYS else (width, height)

    def _in_limits(self, work: Callable[[], bytes]) -> bytes:
        try:
            answer = limited.run(
                lambda: self._answer(work), seconds=limits.DECODE_SECONDS, memory_bytes=limits.DECODE_MEMORY_BYTES
            )
        except limited.OverTimeError as error:
            raise UnreadableError(
                f"The {self.format.name} image takes more than {limits.DECODE_SECONDS:g} s to decode: "
                "export it again, as a usual PNG or JPEG."
            ) from error
        except limited.OverMemoryError as error:
            raise TooLargeError(
                f"The {self.format.name} image takes more than {limits.DECODE_MEMORY_BYTES // 1_000_000} MB to decode: "
                "save it as PNG or JPEG, or scale it down."
            ) from error
        except limited.CrashedError as error:
            raise damaged(self.format.name) from error
        if answer[:1] == _REFUSED:
            refusal = json.loads(answer[1:])
            raise {"too_large": TooLargeError, "unreadable": UnreadableError}[refusal["as"]](refusal["message"])
        return answer[1:]

    def _answer(self, work: Callable[[], bytes]) -> bytes:
        """In the child process: the result of its work, or why the picture is refused."""
        try:
            return _DONE + _readable(self.format, work)
        except PictureError as error:
            kind = "too_large" if isinstance(error, TooLargeError) else "unreadable"
            return _REFUSED + json.dumps({"as": kind, "message": str(error)}).encode()


def open_file(content: bytes) -> PictureFile:
    """Recognises a file's type and reads its structure, in a time that is bounded by its length.

    Raises:
        UnreadableError: it is of another type, or damaged.
        TooLargeError: it has more pixels than `limits` allows.
    """
    format_ = recognise(content)
    return PictureFile(format_, _readable(format_, lambda: format_.inspect(content)))


def _readable(format_: Format, work: Callable[[], Result]) -> Result:
    """The result of the work. An error in it means a bad picture, unless memory ran out."""
    try:
        return work()
    except (MemoryError, PictureError):
        raise
    except Exception as error:
        raise damaged(format_.name) from error


def _packed(image: Image.Image) -> bytes:
    return json.dumps({"mode": image.mode, "size": image.size}).encode() + b"\n" + image.tobytes()


def _image(packed: bytes) -> Image.Image:
    head, _, content = packed.partition(b"\n")
    about = json.loads(head)
    return Image.frombytes(about["mode"], tuple(about["size"]), content)
