"""`python -m tests.local.endings ARCHIVE`: a small local stage that stays up, for tests of how it ends."""

import asyncio
import sys
from pathlib import Path

from console.interruption import InterruptedCommandError, run_until_interrupted
from local.stack import local_stack
from tests.local.small_program import tiny_program


async def _serve(archive: Path) -> None:
    async with local_stack(program=tiny_program(archive)) as stack:
        print(stack.api_url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        run_until_interrupted(_serve(Path(sys.argv[1])))
    except InterruptedCommandError as interrupted:
        sys.exit(interrupted.exit_status)
