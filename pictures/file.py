"""A picture file: opened, checked, read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL import Image

from pictures import limits, pixels, sandbox
from pictures.errors import UnreadableError, no_such_page
from pictures.formats import Format, recognise
from pictures.structure import UPRIGHT, Structure, cut_short


@dataclass(frozen=True)
class PictureFile:
    """One page of a file of a supported type, with a valid structure; nothing of it is decoded yet."""

    format: Format
    content: bytes
    structure: Structure

    @property
    def width(self) -> int:
        """Width of the upright page in px, or of a PDF's in points of 1/72 inch; likewise `height`."""
        return self._upright_size[0]

    @property
    def height(self) -> int:
        return self._upright_size[1]

    @property
    def page(self) -> int:
        """The number of this page, from 1."""
        return self.structure.page

    @property
    def page_count(self) -> int:
        """The number of pages in the file."""
        return self.structure.page_count

    @property
    def is_plain(self) -> bool:
        """Upright, 8 bits of grey or RGB, nothing transparent: every program shows it the same way."""
        return self.structure.plain and self.structure.orientation == UPRIGHT

    def check(self) -> None:
        """Decodes the picture to its end; of a PDF, nothing more than was read when it was opened.

        Raises PictureError.
        """
        check = partial(self.format.decoder.check, self.format.pillow_name, self.structure)
        if self.structure.quick:
            sandbox.readable(check, self._broken)
        else:
            self._in_limits(lambda: check() or b"")

    def read(self, longest_side_px: int | None = None) -> Image.Image:
        """The upright picture in RGB, or in grey (mode L) if it has no colours; transparent parts become page
        background.

        Args:
            longest_side_px: the new longest side, scaled up or down; None keeps the size, and draws a PDF's page in the
                size that its reading needs.

        Raises:
            PictureError: it is damaged, or needs more time or memory than `limits` allows.
        """
        decode = partial(self.format.decoder.decode, self.format.pillow_name, self.structure, longest_side_px)
        if self.structure.quick:
            return sandbox.readable(decode, self._broken)
        return _image(self._in_limits(lambda: _packed(decode())))

    @property
    def _upright_size(self) -> tuple[int, int]:
        width, height = self.structure.width, self.structure.height
        return (height, width) if self.structure.orientation in pixels.SIDEWAYS else (width, height)

    def _in_limits(self, work: Callable[[], bytes]) -> bytes:
        return sandbox.run(work, what=self.format.called, seconds=limits.DECODE_SECONDS, broken=self._broken)

    @property
    def _broken(self) -> UnreadableError:
        """The refusal of a file that cannot be decoded."""
        return self.format.damaged if self.structure.has_end else cut_short(self.format.name)


def open_file(content: bytes, page: int = 1) -> PictureFile:
    """Recognises a file's type and reads the structure of a page, from 1, in a time that is bounded by its length.

    Raises:
        UnreadableError: it is of another type, or damaged.
        TooLargeError: it has more pixels than `limits` allows.
        NoSuchPageError: it has fewer pages.
    """
    format_ = recognise(content)
    structure = sandbox.readable(lambda: format_.inspect(content, page), format_.damaged)
    if page > structure.page_count:
        raise no_such_page(page, structure.page_count)
    return PictureFile(format_, content, structure)


def _packed(image: Image.Image) -> bytes:
    return json.dumps({"mode": image.mode, "size": image.size}).encode() + b"\n" + image.tobytes()


def _image(packed: bytes) -> Image.Image:
    head, _, content = packed.partition(b"\n")
    about = json.loads(head)
    return Image.frombytes(about["mode"], tuple(about["size"]), content)
