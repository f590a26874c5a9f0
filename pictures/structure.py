"""What a format's module finds out about a file without decoding it."""

from dataclasses import dataclass

from pictures.errors import UnreadableError

UPRIGHT = 1


@dataclass(frozen=True, kw_only=True)
class Structure:
    """A file's first page, ready to be decoded.

    Attributes:
        content: a file of the same format with what carries the picture, and nothing else.
        width, height: in px, as the pixels are stored.
        decoded_bytes: what decoding takes at most.
        quick: the file's size alone bounds the time that decoding takes, to about 0.1 s.
        plain: 8 bits of grey or RGB, nothing transparent.
        orientation: EXIF's, 1 to 8; 1 is upright.
        page_count: the pages of a TIFF; every other file has one. An animation is one page, of which the first frame is
            read.
        white: of samples of more than 8 bits, the one that is white.
        from_white: samples of more than 8 bits count from white to black.
        transparent: the sample, or the three, that stand for no paint; in 8 bits, but for 16-bit grey.
        painted: left, top, right and bottom of what the file paints, where that is not all; the rest is white paper.
        premultiplied: the colours of an alpha channel's pixels are multiplied by it already.
    """

    content: bytes
    width: int
    height: int
    decoded_bytes: int
    quick: bool = False
    plain: bool = False
    orientation: int = UPRIGHT
    page_count: int = 1
    white: int = 65535
    from_white: bool = False
    transparent: int | tuple[int, int, int] | None = None
    painted: tuple[int, int, int, int] | None = None
    premultiplied: bool = False


def cut_short(name: str) -> UnreadableError:
    return UnreadableError(f"The {name} image is cut short: send the whole file.")


def damaged(name: str) -> UnreadableError:
    return UnreadableError(f"The {name} image is damaged or of an unsupported kind: export it again.")
