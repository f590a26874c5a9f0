"""`make bulk STAGE=local`: processes an archive of plans with the transform jobs of its own local stage."""

import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from bulk import command
from bulk.errors import BulkInputError
from bulk.options import Options
from console.interruption import InterruptedCommandError, run_until_interrupted
from local.account.clients import AwsClients
from local.account.inputs import plain
from local.stack import LocalStack, StackError, local_stack

_POLL_SECONDS = 0.5


def run(options: Options, *, stage: str = "local", settings: Mapping[str, Any] | None = None) -> int:
    """Deploys the stage, with `settings` overriding its own, processes the archive and returns the exit status."""
    try:
        command.check(options)
        return run_until_interrupted(_process(options, local_stack(stage, settings=settings)))
    except InterruptedCommandError as interrupted:
        return interrupted.exit_status
    except BulkInputError as error:
        print(f"bulk: {error}", file=sys.stderr)
        return command.WRONG_INPUT
    except StackError as error:
        print(f"bulk: {error}", file=sys.stderr)
        return error.exit_status


async def _process(options: Options, starting: AbstractAsyncContextManager[LocalStack]) -> int:
    async with starting as stack:
        return await command.run_until_cancelled(
            options,
            plain(stack.outputs),
            s3=stack.aws.client("s3"),
            sagemaker=AwsClients(stack.services.jobs.address, stack.aws.region).client("sagemaker"),
            poll_seconds=_POLL_SECONDS,
        )
