"""Handles SIGTERM, which SageMaker sends 120 s before it kills a container, and SIGINT from a terminal."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """The run was asked to end; `exit_code` is 0 for SIGTERM."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.exit_code = 0 if signal_number == signal.SIGTERM else 128 + signal_number


class Termination:
    """Raises `Terminated` in the main thread: at once or, inside `deferred`, when `check` is called."""

    def __init__(self) -> None:
        self._received: int | None = None
        self._is_deferred = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    @property
    def is_requested(self) -> bool:
        return self._received is not None

    def check(self) -> None:
        """Raises Terminated if a signal has come."""
        if self._received is not None:
            raise Terminated(self._received)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Inside it, a signal only sets `is_requested`, so that a training step is not interrupted."""
        self._is_deferred = True
        try:
            yield
        finally:
            self._is_deferred = False
        self.check()

    def _receive(self, signal_number: int, _frame: FrameType | None) -> None:
        self._received = signal_number
        if not self._is_deferred:
            self.check()
