"""The embedded AWS as a separate process, with clients for it and the record of the roles' calls."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from local.account.calls import CallLog
from local.account.clients import AwsClients
from processes.child import Child, plain_environment, tail
from processes.loopback import listening_socket
from program.stage_file import ROOT


@dataclass(frozen=True, kw_only=True)
class Account:
    """A running account: `aws` calls it, `calls` records the roles' calls."""

    aws: AwsClients
    calls: CallLog
    process: Child
    log_path: Path

    async def ended(self) -> str:
        """Waits until the process ends by itself, which it should not; returns the message about it."""
        status = await self.process.wait()
        return f"the embedded AWS ended with status {status}: {tail(self.log_path)}"


@asynccontextmanager
async def running_account(*, region: str, directory: Path, record: Path) -> AsyncIterator[Account]:
    """An empty account while the context lasts; its log is in `directory`, the record in the file `record`.

    The socket listens before its process runs, so that early calls wait and none is refused.
    """
    log_path = directory / "aws.log"
    with listening_socket() as socket:
        with log_path.open("wb") as log:
            process = await Child.start(
                [
                    *(sys.executable, "-m", "local.account.server"),
                    *("--fd", str(socket.fileno()), "--calls", str(record.absolute())),
                ],
                env=plain_environment(directory),
                cwd=ROOT,
                output=log,
                pass_fds=[socket.fileno()],
            )
        url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    calls = CallLog(record)
    try:
        yield Account(aws=AwsClients(url, region), calls=calls, process=process, log_path=log_path)
    finally:
        calls.close()
        await process.stop()
