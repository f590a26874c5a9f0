"""Why a file is refused. The texts are for the sender: they name the file's type and say what to do."""


class PictureError(Exception):
    """A refused file; `str(error)` is one sentence for its sender."""


class UnreadableError(PictureError):
    """Not a picture of a supported type, damaged, truncated, or of a kind that cannot be shown."""


class TooLargeError(PictureError):
    """Too many pixels, or too much memory needed to decode them; raised before anything is decoded."""
