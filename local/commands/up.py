"""`make local`: a local stage that stays up until it is interrupted."""

import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from console.interruption import InterruptedCommandError, run_until_interrupted
from local.stack import LocalStack, StackError, local_stack


def run(
    *,
    stage: str = "local",
    port: int,
    record_calls: Path | None = None,
    show_logs: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> int:
    """Deploys and serves, with `settings` overriding the stage's.

    Returns the exit status: 0 when interrupted, which is the normal end.
    """
    starting = local_stack(stage, port=port, record_calls=record_calls, show_logs=show_logs, settings=settings)
    try:
        run_until_interrupted(_serve(starting))
    except InterruptedCommandError:
        return 0
    except StackError as error:
        print(f"local: {error}", file=sys.stderr)
        return error.exit_status
    return 0


async def _serve(starting: AbstractAsyncContextManager[LocalStack]) -> None:
    async with starting as stack:
        print(f"API ready: {stack.api_url}", flush=True)
        if stack.api_key:
            print(f"x-api-key: {stack.api_key}", flush=True)
        await stack.wait_until_broken()
