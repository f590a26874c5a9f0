"""Admission control: accepts requests that can be answered in time and that fit in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from images.inference import contract
from images.inference.errors import UnavailableError

# Weight of a new request in the moving average of processing times.
_SMOOTHING = 0.1


class Admission:
    """The requests in the server, the bytes of their bodies, and how long a new one would wait.

    Args:
        seconds: the assumed processing time of a request, until some are measured; one is processed at a time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._requests = 0
        self._bytes = 0

    @contextmanager
    def place(self, body_bytes: int) -> Iterator[None]:
        """Reserves a place for a request with a body of the given number of bytes.

        Raises:
            UnavailableError: it would wait for more than MAX_WAIT_SECONDS, or all bodies would be more than
                MAX_BODIES_BYTES.
        """
        wait_seconds = self._requests * self._seconds
        if wait_seconds > contract.MAX_WAIT_SECONDS:
            raise UnavailableError(
                f"{self._requests} requests are waiting, {wait_seconds:.0f} s of work: try again later"
            )
        if self._requests and self._bytes + body_bytes > contract.MAX_BODIES_BYTES:
            raise UnavailableError(f"{self._requests} requests hold {self._bytes} bytes in memory: try again later")
        self._requests += 1
        self._bytes += body_bytes
        try:
            yield
        finally:
            self._requests -= 1
            self._bytes -= body_bytes

    def worked(self, seconds: float) -> None:
        """Adds the processing time of a request to the average."""
        self._seconds += _SMOOTHING * (seconds - self._seconds)
