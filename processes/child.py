"""Child processes that never outlive the process that started them.

Every child leads its own session. The kernel kills it (PR_SET_PDEATHSIG) when the thread that started it ends, even by
SIGKILL; a normal stop ends its whole process group. Start children from a thread that lives as long as they should: the
main thread of a command.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_LAUNCHER = Path(__file__).with_name("launcher.py")
_KILL_GRACE_SECONDS = 5.0


class Child:
    """A running child process, in its own session, with only the environment that it was given."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        output: IO[bytes] | int,
        pass_fds: Sequence[int] = (),
    ) -> "Child":
        """Starts `command`; standard output and error both go to `output` (a file, or `asyncio.subprocess.PIPE`)."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), "KILL", *command),
            env=dict(env),
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; the negative signal number if a signal ended it."""
        return self._process.returncode

    @property
    def stdout(self) -> asyncio.StreamReader:
        """The child's output, if it was started with a pipe."""
        if self._process.stdout is None:
            raise RuntimeError(f"process {self.pid} was started without a pipe")
        return self._process.stdout

    async def wait(self) -> int:
        return await self._process.wait()

    def kill(self) -> None:
        """Kills the child and everything it started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Asks the child to end, waits a few seconds, then kills its whole process group."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), _KILL_GRACE_SECONDS)
        self.kill()
        await self.wait()


def plain_environment(home: Path) -> dict[str, str]:
    """The whole environment of a child: none of the user's own variables."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home)}


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log file, for an error's text."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.is_file() else ""
