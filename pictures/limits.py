"""What a picture file may ask for. Every limit of the reading of files is here."""

from pictures.errors import TooLargeError, UnreadableError

MAX_SIDE_PX = 5000

# Of the process that decodes, beyond what is there already: the decoded picture, and what its decoder keeps beside it.
# It is less than the default of `FunctionSettings.memory_mb`, 512, without the 110 or so that Python, boto3 and a
# request's event take: tests/runtime/test_memory.py measures that.
DECODE_MEMORY_BYTES = 350_000_000
# Wall clock. 25 million pixels of PNG take about 4 s on the 0.3 virtual CPU of a function with 512 MB.
DECODE_SECONDS = 8.0

# Chunks, segments, blocks, strips, tiles or directories of one file. A file of 4.5 MB in usual parts has about 20,000
# at most (GIF, by 255 bytes); each costs about a microsecond.
MOST_PARTS = 100_000

# A progressive JPEG refines its picture by scans, each of which goes through all of it: encoders write about ten, and a
# few bytes are enough for one that takes as long as the picture. libtiff has the same limit for JPEG within TIFF.
MOST_JPEG_SCANS = 100

# Up to here a PNG, a JPEG of few scans or an uncompressed BMP is decoded without a process of its own: about 0.1 s.
QUICK_PX = 2_000_000
QUICK_JPEG_SCANS = 20


def check_size(name: str, width: int, height: int) -> None:
    """Raises TooLargeError for more than MAX_SIDE_PX a side, UnreadableError for a side of nothing."""
    if width < 1 or height < 1:
        raise UnreadableError(f"The {name} image says that it is {width} x {height} px: export it again.")
    if max(width, height) > MAX_SIDE_PX:
        raise TooLargeError(
            f"The image is {width} x {height} px; at most {MAX_SIDE_PX} px a side are allowed: scale it down."
        )


def check_memory(name: str, width: int, height: int, decoded_bytes: int) -> None:
    """Raises TooLargeError where decoding needs more than DECODE_MEMORY_BYTES."""
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
                f"The {self._name} image is cut into more than {MOST_PARTS} parts: export it again as PNG or JPEG."
            )
