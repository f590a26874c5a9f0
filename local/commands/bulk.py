"""`make bulk STAGE=local`: an archive of plans through the transform jobs of a local stage of its own."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Mapping
from typing import Any

from bulk import command
from bulk.errors import BulkInputError
from bulk.options import Options
from bulk.run import InterruptedRunError
from local.account.clients import AwsClients
from local.account.inputs import plain
from local.processes.interruption import InterruptedCommandError, run_until_interrupted
from local.stack import LocalStack, StackError

_POLL_SECONDS = 0.5


def run(options: Options, *, stage: str = "local", settings: Mapping[str, Any] | None = None) -> int:
    """Deploys the stage, `settings` laid over its own, and processes the archive with it; returns the exit status."""
    try:
        command.check(options)
        return run_until_interrupted(_process(options, LocalStack(stage, settings=settings)))
    except InterruptedCommandError as interrupted:
        return interrupted.exit_status
    except BulkInputError as error:
        print(f"bulk: {error}", file=sys.stderr)
        return command.WRONG_INPUT
    except StackError as error:
        print(f"bulk: {error}", file=sys.stderr)
        return error.exit_status


async def _process(options: Options, starting: LocalStack) -> int:
    stop = threading.Event()
    async with starting as stack:
        processing = asyncio.ensure_future(
            asyncio.to_thread(
                command.run,
                options,
                plain(stack.outputs),
                s3=stack.aws.client("s3"),
                sagemaker=AwsClients(stack.jobs.address, stack.aws.region).client("sagemaker"),
                poll_seconds=_POLL_SECONDS,
                stop=stop,
            )
        )
        try:
            return await asyncio.shield(processing)
        except asyncio.CancelledError:
            stop.set()
            with contextlib.suppress(InterruptedRunError):
                await processing
            raise
