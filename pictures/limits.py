"""Limits for picture files. Every limit for reading files is here.

Pages repeat some of them for users: `tests/pictures/test_written_once.py` names each, and fails if one differs.
"""

from pictures.errors import TooLargeError, UnreadableError

MAX_SIDE_PX = 12_000

# For the process that decodes, beyond what it already has: the decoded picture and the decoder's own memory. It is less
# than the default of `FunctionSettings.memory_mb` minus about 110 MB for Python, boto3 and a request's event:
# tests/runtime/test_memory.py measures that.
DECODE_MEMORY_BYTES = 350_000_000
# Wall clock. 25 million pixels of PNG take about 4 s on the 0.3 virtual CPU of a function with 512 MB.
DECODE_SECONDS = 8.0

# Wall clock, for what a library has to open before it says how many pages there are. A real sheet takes some 10 ms.
OPEN_SECONDS = 3.0

# The longest side of a PDF's page as it is drawn: its resolution, within what shows the smallest rooms of a small page
# (often a large sheet, printed smaller) and what the detector takes. The latter is also what a scan is reduced to where
# it is shown.
READING_DPI = 150
LEAST_READING_SIDE_PX = 3000
MOST_READING_SIDE_PX = 5000

# Chunks, segments, blocks, strips, tiles or directories of one file. A normal file of 4.5 MB has at most about 20,000
# (GIF, in blocks of 255 bytes); each costs about a microsecond.
MOST_PARTS = 100_000

# A progressive JPEG refines its picture in scans, each over the whole picture. Encoders write about ten, but a scan of
# a few bytes can take as long as the whole picture. libtiff has the same limit for JPEG within TIFF.
MOST_JPEG_SCANS = 100

# Up to this size a PNG, a JPEG of few scans or an uncompressed BMP is decoded in this process: about 0.1 s.
QUICK_PX = 2_000_000
QUICK_JPEG_SCANS = 20


def check_size(name: str, width: int, height: int) -> None:
    """Raises TooLargeError for a side of more than MAX_SIDE_PX, UnreadableError for a side of 0."""
    if width < 1 or height < 1:
        raise UnreadableError(f"The {name} image has a size of {width} x {height} px in its header: export it again.")
    if max(width, height) > MAX_SIDE_PX:
        raise TooLargeError(
            f"The image is {width} x {height} px; at most {MAX_SIDE_PX} px a side are allowed: scale it down."
        )


def check_memory(name: str, width: int, height: int, decoded_bytes: int) -> None:
    """Raises TooLargeError if decoding needs more than DECODE_MEMORY_BYTES."""
    if decoded_bytes > DECODE_MEMORY_BYTES:
        raise TooLargeError(
            f"The {name} image of {width} x {height} px needs {decoded_bytes // 1_000_000} MB to decode; "
            f"at most {DECODE_MEMORY_BYTES // 1_000_000} MB are allowed: save it as PNG or JPEG, or scale it down."
        )


class Parts:
    """Counts the parts of one file's structure."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0

    def count(self, number: int = 1) -> None:
        """Raises UnreadableError at more than MOST_PARTS."""
        self._count += number
        if self._count > MOST_PARTS:
            raise UnreadableError(
                f"The {self._name} image consists of more than {MOST_PARTS} parts: export it again as PNG or JPEG."
            )
