"""Why a file is not taken. The texts are for whoever sent it: they name the file's type and say what to do."""


class PictureError(Exception):
    """A file that is not taken; `str(error)` is one sentence for its sender."""


class UnreadableError(PictureError):
    """Not a picture of a type that is read, damaged, cut short, or of a kind that cannot be shown."""


class TooLargeError(PictureError):
    """More pixels, or more memory to decode them, than is allowed; told before anything is decoded."""
