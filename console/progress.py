"""What a command says on stderr while it works: a bar for each of its steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

Step = Callable[[str, int, int], None]
"""What is done, how many are done by now, and of how many."""


@contextmanager
def bars() -> Iterator[Step]:
    """A bar for each step by its name, from the step's first word until the context ends; none without a terminal."""
    console = Console(stderr=True)
    tasks: dict[str, TaskID] = {}
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )

    def step(name: str, done: int, total: int) -> None:
        if name not in tasks:
            progress.start()
            tasks[name] = progress.add_task(name, total=total)
        progress.update(tasks[name], completed=done, total=total)

    try:
        yield step
    finally:
        progress.stop()
