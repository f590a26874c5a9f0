"""The progress of a deployment on stderr: one live line on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Shows the current steps and how long each took."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("") if self._console.is_terminal else None

    def line(self, text: str) -> None:
        """Prints a line above the live one."""
        self._console.print(text, markup=False, soft_wrap=True)

    def count(self, text: str) -> None:
        """Replaces the live line; prints nothing if there is none."""
        if self._status is not None:
            self._status.update(text)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Shows `name` while the context lasts, and its time if it ends without an error. Steps may overlap."""
        started = time.perf_counter()
        if self._status is not None:
            self._status.start()
            self._status.update(f"{name} ...")
        try:
            yield
        except BaseException:
            self.stop()
            raise
        self.line(f"{name}: {time.perf_counter() - started:.1f} s")

    def stop(self) -> None:
        """Ends the live line."""
        if self._status is not None:
            self._status.stop()
