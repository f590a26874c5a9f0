"""What the module of a format finds out about a file without decoding it."""

from dataclasses import dataclass

from pictures.errors import UnreadableError

UPRIGHT = 1


@dataclass(frozen=True, kw_only=True)
class Structure:
    """A page of a file, ready to be decoded.

    Attributes:
        content: a file of the same format with only the data of the picture; a PDF as it is.
        width, height: in px, as the pixels are stored; a PDF's as it is shown, in points of 1/72 inch.
        decoded_bytes: maximum memory that decoding needs.
        quick: the file's size alone bounds the decoding time to about 0.1 s.
        plain: 8 bits of grey or RGB, nothing transparent.
        orientation: EXIF's, 1 to 8; 1 is upright.
        page: its number, from 1.
        page_count: the pages of a PDF or a TIFF; 1 for every other file. An animation is one page, of which the first
            frame is read.
        white: the value of white in samples of more than 8 bits.
        from_white: in samples of more than 8 bits, 0 is white.
        transparent: the sample, or the three samples, that mean transparent; in 8 bits, except for 16-bit grey.
        painted: left, top, right and bottom of the painted part, if that is not all; the rest is white paper.
        premultiplied: the colours are already multiplied by alpha.
        has_end: the file has the mark that ends it. Without one it may have the whole picture all the same, which only
            decoding shows.
        with_noise: a file without its end whose decoder fills up what is missing: the same with noise after the data.
            Where the two differ, data are missing.
    """

    content: bytes
    width: int
    height: int
    decoded_bytes: int
    quick: bool = False
    plain: bool = False
    orientation: int = UPRIGHT
    page: int = 1
    page_count: int = 1
    white: int = 65535
    from_white: bool = False
    transparent: int | tuple[int, int, int] | None = None
    painted: tuple[int, int, int, int] | None = None
    premultiplied: bool = False
    has_end: bool = True
    with_noise: bytes | None = None


def cut_short(name: str) -> UnreadableError:
    return UnreadableError(f"The {name} image is cut short: send the whole file.")


def damaged(name: str) -> UnreadableError:
    return UnreadableError(f"The {name} image is damaged or of an unsupported kind: export it again.")
