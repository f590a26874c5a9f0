"""The progress of a run on stderr: bars for what is uploaded, transformed, downloaded and drawn."""

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from bulk.archive import Listed
from bulk.ledger import Counts

_SHOWN_EVERY_SECONDS = 0.25
_LISTED_EACH = 1000


class Progress:
    """`with Progress(pictures=True) as progress:`. The bars appear with the first `show`."""

    def __init__(self, *, pictures: bool) -> None:
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=Console(stderr=True, highlight=False),
            speed_estimate_period=120,
        )
        self._pictures = pictures
        self._tasks = {
            name: self._bars.add_task(name, total=None)
            for name in ("uploaded", "transformed", "downloaded", *(["drawn"] if pictures else []))
        }
        self._shown = 0.0
        self._started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._started:
            self._bars.stop()

    def line(self, text: str) -> None:
        """Prints a line above the bars."""
        self._bars.console.print(text, markup=False, soft_wrap=True)

    def listing(self, plans: Iterable[Listed]) -> Iterator[Listed]:
        """Passes a listing through, and shows its length so far."""
        with self._bars.console.status("listing") as status:
            for number, plan in enumerate(plans, start=1):
                if number % _LISTED_EACH == 0:
                    status.update(f"listing: {number} plans")
                yield plan

    def show(self, count: Callable[[], Counts], fetching: int, *, last: bool = False) -> None:
        """Updates the bars, a few times a second; `fetching` answers exist but are not downloaded yet."""
        if not last and time.monotonic() < self._shown + _SHOWN_EVERY_SECONDS:
            return
        self._shown = time.monotonic()
        if not self._started:
            self._bars.start()
            self._started = True
        counts = count()
        # Each plan that is not uploaded yet may be a distinct image; refused plans and equal images do not count.
        images = counts.plans - counts.prepared + counts.inputs
        self._move("uploaded", counts.prepared, counts.plans)
        self._move("transformed", counts.answered + fetching, images)
        self._move("downloaded", counts.answered, images)
        if self._pictures:
            self._move("drawn", counts.drawn, counts.plans - counts.refused)

    def _move(self, name: str, completed: int, total: int) -> None:
        self._bars.update(self._tasks[name], completed=completed, total=total)
