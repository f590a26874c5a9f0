"""Commands that end in order however they are told to end: Ctrl-C, SIGTERM, a closed terminal."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InterruptedCommandError(Exception):
    """A signal ended the command; everything that it had started is gone."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_status = 128 + number  # as shells report it


def run_until_interrupted(command: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command on a loop in this thread; the first signal cancels it, so that its contexts are left one by one.

    SIGHUP stays ignored where it was when the process started (`nohup`). SIGINT does not: shells ignore it for
    commands in the background, which are to end all the same when somebody sends it to them.
    """
    received: list[int] = []
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(command)

        def interrupt(number: int) -> None:
            received.append(number)
            if len(received) == 1:
                task.cancel()

        for number in _ENDING:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, interrupt, number)
        try:
            return loop.run_until_complete(task)
        except asyncio.CancelledError:
            if received:
                raise InterruptedCommandError(received[0]) from None
            raise
