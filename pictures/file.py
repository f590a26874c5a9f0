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

# The first byte of what the child answers.
_DONE, _REFUSED = b"d", b"r"


@dataclass(frozen=True)
class PictureFile:
    """A file of a type that is taken, whose structure was found good; nothing of it is decoded yet."""

    format: Format
    structure: Structure

    @property
    def width(self) -> int:
        """In px, upright; so is `height`."""
        return self._upright_size[0]

    @property
    def height(self) -> int:
        return self._upright_size[1]

    @property
    def page_count(self) -> int:
        """The first of so many pages is read."""
        return self.structure.page_count

    @property
    def is_plain(self) -> bool:
        """Upright, 8 bits of grey or RGB, nothing transparent: any program shows it alike."""
        return self.structure.plain and self.structure.orientation == UPRIGHT

    def check(self) -> None:
        """Decodes the picture to its end. Raises PictureError."""
        check = partial(pixels.check, self.format.pillow_name, self.structure)
        if self.structure.quick:
            _readable(self.format, check)
        else:
            self._in_limits(lambda: check() or b"")

    def read(self, longest_side_px: int | None = None) -> Image.Image:
        """The picture upright, in RGB, or in grey (mode L) if that is all it has; transparent parts become a page.

        Args:
            longest_side_px: what the longest side becomes, scaled up or down; None leaves the size.

        Raises:
            PictureError: it is damaged, or takes more time or memory than `limits` has for one.
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
        """In the child: its work's result, or why the picture is refused."""
        try:
            return _DONE + _readable(self.format, work)
        except PictureError as error:
            kind = "too_large" if isinstance(error, TooLargeError) else "unreadable"
            return _REFUSED + json.dumps({"as": kind, "message": str(error)}).encode()


def open_file(content: bytes) -> PictureFile:
    """Tells a file's type and reads its structure, in a time that its length bounds.

    Raises:
        UnreadableError: it is of another type, or damaged.
        TooLargeError: it has more pixels than `limits` allows.
    """
    format_ = recognise(content)
    return PictureFile(format_, _readable(format_, lambda: format_.inspect(content)))


def _readable(format_: Format, work: Callable[[], Result]) -> Result:
    """The work's result: an error in it, unless memory ran out, is the picture's fault."""
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
