"""Why a file is refused. The texts are for the sender: they name the file's type and say what to do."""


class PictureError(Exception):
    """A refused file; `str(error)` is one sentence for its sender."""


class UnreadableError(PictureError):
    """Not a picture of a supported type, damaged, truncated, or of a kind that cannot be shown."""


class TooLargeError(PictureError):
    """Too many pixels, or too much memory needed to decode them; raised before anything is decoded."""


class NoSuchPageError(PictureError):
    """The file is fine, and has fewer pages than the one that was asked for."""


def no_such_page(page: int, count: int) -> NoSuchPageError:
    pages = "1 page" if count == 1 else f"{count} pages"
    return NoSuchPageError(f"There is no page {page}: the blueprint has {pages}.")
