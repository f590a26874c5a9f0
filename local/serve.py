"""`make local`: a local stage that stays up until it is interrupted."""

import sys
from pathlib import Path

from local.interruption import InterruptedCommandError, run_until_interrupted
from local.stack import LocalStack, StackError


def run(*, stage: str = "local", port: int, record_calls: Path | None = None, show_logs: bool = False) -> int:
    """Deploys and serves; returns the exit status: 0 when interrupted, which is how it is meant to end."""
    try:
        run_until_interrupted(_serve(stage, port, record_calls, show_logs))
    except InterruptedCommandError:
        return 0
    except StackError as error:
        print(f"local: {error}", file=sys.stderr)
        return error.exit_status
    return 0


async def _serve(stage: str, port: int, record_calls: Path | None, show_logs: bool) -> None:
    async with LocalStack(stage, port=port, record_calls=record_calls, show_logs=show_logs) as stack:
        print(f"API ready: {stack.api_url}", flush=True)
        if stack.api_key:
            print(f"x-api-key: {stack.api_key}", flush=True)
        await stack.wait_until_broken()
