"""Which file types are accepted, how a type is recognised by its first bytes, and what to do with other types.

A new type is an entry in FORMATS and a module that reads its structure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from pictures import bmp, gif, heif, jpeg, pdf, pixels, png, tiff, webp
from pictures.errors import UnreadableError
from pictures.structure import Structure, damaged


class Decoder(Protocol):
    """From a structure to a picture: the functions of `pixels`, or of a format that Pillow does not decode."""

    def check(self, pillow_name: str, structure: Structure, /) -> None: ...

    def decode(self, pillow_name: str, structure: Structure, longest_side_px: int | None, /) -> Image.Image: ...


def _one_picture(inspect: Callable[[bytes], Structure]) -> Callable[[bytes, int], Structure]:
    """For a format without pages."""
    return lambda content, _page: inspect(content)


@dataclass(frozen=True, kw_only=True)
class Format:
    """An accepted file type.

    Attributes:
        name: as people write it.
        pillow_name: Pillow's name of the format.
        extension: the one of stored files. `extensions` are all usual ones.
        starts: a pattern of a file's first bytes.
        inspect: reads the structure of a page, from 1; raises PictureError.
        decoder: makes the picture.
        is_drawn: its pages have a size on paper, and no pixels until they are drawn.
    """

    name: str
    pillow_name: str
    extensions: tuple[str, ...]
    media_type: str
    starts: re.Pattern[bytes]
    inspect: Callable[[bytes, int], Structure]
    decoder: Decoder = pixels
    is_drawn: bool = False

    @property
    def extension(self) -> str:
        return self.extensions[0]

    @property
    def called(self) -> str:
        """What messages call such a file."""
        return self.name if self.is_drawn else f"{self.name} image"

    @property
    def damaged(self) -> UnreadableError:
        """The refusal of a file that is whole and cannot be decoded."""
        return pdf.damaged() if self.is_drawn else damaged(self.name)


PDF = Format(
    name="PDF",
    pillow_name="PDF",
    extensions=("pdf",),
    media_type="application/pdf",
    starts=re.compile(rb".{0,1024}?%PDF-", re.DOTALL),  # readers take up to a kilobyte of anything before it
    inspect=pdf.inspect,
    decoder=pdf,
    is_drawn=True,
)
FORMATS = (
    Format(
        name="PNG",
        pillow_name="PNG",
        extensions=("png",),
        media_type="image/png",
        starts=re.compile(rb"\x89PNG"),
        inspect=_one_picture(png.inspect),
    ),
    Format(
        name="JPEG",
        pillow_name="JPEG",
        extensions=("jpg", "jpeg"),
        media_type="image/jpeg",
        starts=re.compile(rb"\xff\xd8\xff"),
        inspect=_one_picture(jpeg.inspect),
    ),
    Format(
        name="TIFF",
        pillow_name="TIFF",
        extensions=("tiff", "tif"),
        media_type="image/tiff",
        starts=re.compile(rb"II[*+]\0|MM\0[*+]"),
        inspect=tiff.inspect,
    ),
    Format(
        name="WebP",
        pillow_name="WEBP",
        extensions=("webp",),
        media_type="image/webp",
        starts=re.compile(rb"RIFF....WEBP", re.DOTALL),
        inspect=_one_picture(webp.inspect),
    ),
    Format(
        name="BMP",
        pillow_name="BMP",
        extensions=("bmp",),
        media_type="image/bmp",
        starts=re.compile(rb"BM.{12}[\x0c-\xff]\0\0\0", re.DOTALL),
        inspect=_one_picture(bmp.inspect),
    ),
    Format(
        name="GIF",
        pillow_name="GIF",
        extensions=("gif",),
        media_type="image/gif",
        starts=re.compile(rb"GIF8[79]a"),
        inspect=_one_picture(gif.inspect),
    ),
    Format(
        name="AVIF",
        pillow_name="AVIF",
        extensions=("avif",),
        media_type="image/avif",
        starts=re.compile(rb".{4}ftyp(.{4}){0,15}?(avif|avis)", re.DOTALL),
        inspect=_one_picture(heif.inspect_avif),
    ),
    Format(
        name="HEIC",
        pillow_name="HEIF",
        extensions=("heic", "heif", "hif"),
        media_type="image/heic",
        starts=re.compile(rb".{4}ftyp(.{4}){0,15}?(hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL),
        inspect=_one_picture(heif.inspect_heic),
    ),
    PDF,
)
MEDIA_TYPES = frozenset(format_.media_type for format_ in FORMATS)
_NAMES = [format_.name for format_ in sorted(FORMATS, key=lambda format_: not format_.is_drawn)]
NAMES = " or ".join([", ".join(_NAMES[:-1]), _NAMES[-1]])

_LOOKED_AT_BYTES = 4096
_EXPORT = "export the plan as PNG or JPEG and send that"
_DRAWING = "plot the plan as PNG, black on white, and send that"

# Other files that people send: pattern, name, what to do. If several match, the first counts.
_OTHERS: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), name, advice)
    for pattern, name, advice in (
        (rb".{4}ftyp", "a video", "send a picture of the plan, as PNG or JPEG"),
        (rb"AC(10\d\d|1\.\d\d|2\.\d\d)", "a DWG drawing", _DRAWING),
        (rb"\s*(999\s[^\n]*\n\s*)*0\s+SECTION\s|AutoCAD Binary DXF", "a DXF drawing", _DRAWING),
        (rb"\(DWF V", "a DWF drawing", _DRAWING),
        (rb"ISO-10303-21;", "an IFC or STEP model", _DRAWING),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office or Revit file", _EXPORT),
        (rb"(\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51)", "a JPEG 2000 image", _EXPORT),
        (rb"(\x00\x00\x00\x0cJXL |\xff\x0a)", "a JPEG XL image", _EXPORT),
        (rb"8BPS", "a Photoshop file", _EXPORT),
        (rb"(%!PS|\xc5\xd0\xd3\xc6)", "a PostScript file", _EXPORT),
        (rb"\x00\x00[\x01\x02]\x00", "an icon", _EXPORT),
        (rb"P[1-7]\s", "a PNM image", _EXPORT),
        (rb"\xd7\xcd\xc6\x9a|\x01\x00\x00\x00.{36} EMF", "a Windows metafile", _EXPORT),
        (rb"PK\x03\x04", "a ZIP archive", "unpack it and send the picture of the plan"),
        (rb"\x1f\x8b", "a gzip archive", "unpack it, and send a PNG or JPEG"),
        (rb"(7z\xbc\xaf\x27\x1c|Rar!)", "an archive", "unpack it and send the picture of the plan"),
        (
            rb"(iVBORw0KGgo|/9j/|SUkqA|TU0AK|UklGR|Qk[0-3]|R0lGOD|data:)",
            "base64 of base64",
            "encode the file's bytes once",
        ),
        (rb"(\xef\xbb\xbf)?\s*<(!doctype\s+html|html)", "an HTML page", "send the picture of the plan itself"),
        (rb".{0,4000}?<(svg:)?svg[\s>/]", "an SVG drawing", "export it as PNG, 2000 px wide or more, and send that"),
    )
)


def recognise(content: bytes) -> Format:
    """The type of a file. Raises UnreadableError, which names the actual type if it is known."""
    for format_ in FORMATS:
        if format_.starts.match(content):
            return format_
    start = content[:_LOOKED_AT_BYTES]
    for pattern, name, advice in _OTHERS:
        if pattern.match(start) or pattern.match(_as_ascii(start)):
            raise UnreadableError(f"image is {name}, which is not supported: {advice}.")
    raise UnreadableError(f"image is not a {NAMES} file: send one of these.")


def _as_ascii(start: bytes) -> bytes:
    """UTF-16 text without its zero bytes, so that the patterns match words in it; empty for everything else."""
    return start[2:].replace(b"\0", b"") if start.startswith((b"\xff\xfe", b"\xfe\xff")) else b""
