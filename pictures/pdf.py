"""PDF: a page is drawn as a grey picture, with PDFium. https://pypdfium2.readthedocs.io

PDFium is a large library with no limits of its own, so it only ever works in a process that has some (`sandbox`). This
build of it has no JavaScript. Links, actions, attached files and form fields are left alone.
"""

import io
import json
import re
from typing import TYPE_CHECKING

from PIL import Image

from pictures import limits, pixels, sandbox
from pictures.errors import TooLargeError, UnreadableError, no_such_page
from pictures.structure import Structure

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_POINTS_PER_INCH = 72
# PDF 32000-2, table 31. PDFium neither applies nor tells it. The largest value is Acrobat's.
_USER_UNIT = re.compile(rb"/UserUnit\s+(\d{1,5}(?:\.\d{1,9})?)\b")
_LARGEST_USER_UNIT = 75_000
_LARGEST_POINTS = 10_000_000

# PDFium decodes an image of the page as a whole, and leaves it out without a word where memory does not suffice. Up to
# this many bytes it does; a scan in JPEG, the usual kind of a larger one, is reduced before.
_LARGEST_IMAGE_BYTES = 200_000_000
_IMAGE_WIDTH = re.compile(rb"/Width\s+(\d{4,9})")  # never compressed: an image is a stream
_WIDE_PX = 4000
_DEEPEST_FORM = 4
_JPEG_QUALITY = 95


def damaged() -> UnreadableError:
    """The refusal of a page that cannot be drawn."""
    return UnreadableError("The PDF's page is damaged or too complicated: export it again, or export it as PNG.")


def inspect(content: bytes, page: int) -> Structure:
    """The structure of a page, from 1; its size is upright, in points of 1/72 inch.

    Raises:
        UnreadableError: it wants a password, has no page, is damaged, or takes too long to open.
        NoSuchPageError: it has fewer pages.
    """
    import pypdfium2  # noqa: F401 # before the fork: an import in a child process could hang (`limited`)

    found = json.loads(
        sandbox.run(lambda: _found(content, page), what="PDF", seconds=limits.OPEN_SECONDS, broken=_broken())
    )
    return Structure(
        content=content,
        width=found["width"],
        height=found["height"],
        decoded_bytes=limits.MOST_READING_SIDE_PX**2,
        page=page,
        page_count=found["page_count"],
    )


def check(_pillow_name: str, _structure: Structure) -> None:
    """Nothing: opening a PDF has told what can be told without drawing the page."""


def decode(_pillow_name: str, structure: Structure, longest_side_px: int | None) -> Image.Image:
    """The page in grey, as it is shown: turned, cropped, on white.

    Args:
        longest_side_px: the longest side; None for what the reading needs. The page is drawn in that size in any case,
            and scaled like a picture: lines would be thinner if it were drawn small.

    Raises:
        Any exception: as PDFium's binding does.
    """
    from pypdfium2 import PdfBitmap, raw

    page = _open(structure.content)[structure.page - 1]
    if any(int(width[1]) >= _WIDE_PX for width in _IMAGE_WIDTH.finditer(structure.content)):
        _reduce_images(page)
    side = round(max(structure.width, structure.height) / _POINTS_PER_INCH * limits.READING_DPI)
    side = min(max(side, limits.LEAST_READING_SIDE_PX), limits.MOST_READING_SIDE_PX)
    width, height = pixels.fitted(structure.width, structure.height, side)
    bitmap = PdfBitmap.new_native(width, height, raw.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    raw.FPDF_RenderPageBitmap(
        bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT | raw.FPDF_GRAYSCALE | raw.FPDF_RENDER_LIMITEDIMAGECACHE
    )
    drawn = bitmap.to_pil()
    return drawn if longest_side_px is None else pixels.scaled(drawn, longest_side_px)


def _broken() -> UnreadableError:
    return UnreadableError("The PDF is cut short or damaged: export it again and send the whole file.")


def _found(content: bytes, page: int) -> bytes:
    """In the child process: what `inspect` needs to know, as JSON. No page's content is read."""
    document = _open(content)
    count = len(document)
    if page > count:
        raise no_such_page(page, count)
    unit = _user_unit(document, page)
    width, height = (min(max(1, round(points * unit)), _LARGEST_POINTS) for points in document.get_page_size(page - 1))
    return json.dumps({"width": width, "height": height, "page_count": count}).encode()


def _open(content: bytes) -> "PdfDocument":
    from pypdfium2 import PdfDocument, PdfiumError, raw

    try:
        return PdfDocument(content)
    except PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_SUCCESS:
            raise UnreadableError("The PDF has no pages: export it again.") from error
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise UnreadableError("The PDF is protected with a password: save it without one and send that.") from error
        raise _broken() from error


def _reduce_images(page: "PdfPage") -> None:
    """Puts smaller ones in the place of scans that would take too much memory.

    Raises TooLargeError for any other image that would.
    """
    from pypdfium2 import PdfImage, raw

    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST_FORM):
        assert isinstance(image, PdfImage)
        about = image.get_metadata()
        if about.width * about.height * max(8, about.bits_per_pixel) // 8 <= _LARGEST_IMAGE_BYTES:
            continue
        if image.container is not None or image.get_filters() != ["DCTDecode"]:
            raise TooLargeError(
                f"The page holds an image of {about.width} x {about.height} px, which takes too much memory: "
                "scan it in greyscale or with fewer pixels."
            )
        image.load_jpeg(_smaller_jpeg(bytes(image.get_data())), inline=True)


def _smaller_jpeg(content: bytes) -> io.BytesIO:
    """A scan at half its size or less, in grey, which a JPEG can be decoded in directly."""
    scan, smaller = Image.open(io.BytesIO(content), formats=("JPEG",)), io.BytesIO()
    scan.draft("L", (limits.MOST_READING_SIDE_PX, limits.MOST_READING_SIDE_PX))
    scan.convert("L").save(smaller, "JPEG", quality=_JPEG_QUALITY)
    smaller.seek(0)
    return smaller


def _user_unit(document: "PdfDocument", page: int) -> float:
    """How many points a unit of the page is, read from the page alone, written anew and therefore not compressed."""
    from pypdfium2 import PdfDocument

    alone, written = PdfDocument.new(), io.BytesIO()
    alone.import_pages(document, [page - 1])
    alone.save(written)
    found = _USER_UNIT.search(written.getvalue())
    unit = float(found[1]) if found else 1.0
    return unit if 0 < unit <= _LARGEST_USER_UNIT else 1.0
