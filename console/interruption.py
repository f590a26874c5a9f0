"""Commands that shut down cleanly on Ctrl-C, SIGTERM or a closed terminal."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InterruptedCommandError(Exception):
    """A signal ended the command; everything that it had started is stopped."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_status = 128 + number  # the exit status that shells report


def run_until_interrupted(command: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command on an event loop in this thread; the first signal cancels it, so that its contexts are closed.

    SIGHUP stays ignored if it was ignored when the process started (`nohup`). SIGINT does not: shells ignore it for
    background commands, which should still end when somebody sends it to them.
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
