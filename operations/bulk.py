"""`make bulk`: an archive of plans through the transform jobs of a deployed stage."""

import sys

import boto3
from botocore.config import Config

from bulk import command
from bulk.options import Options
from bulk.run import THREADS
from console.interruption import InterruptedCommandError, run_until_interrupted
from operations import stacks
from operations.external import OperationError, require

# A job takes minutes to start and minutes to hours to run.
POLL_SECONDS = 10.0


def run(stage: str, options: Options) -> int:
    """Processes an archive with the stage's model and returns the exit status.

    If interrupted, its job keeps running on AWS; run it again to resume.

    Raises:
        OperationError: the stage has no region.
    """
    require("pulumi")
    region = stacks.config(stage).get("aws:region")
    if not isinstance(region, str):
        raise OperationError(f"aws:region is missing: set it in Pulumi.{stage}.yaml, for example to us-east-2")
    config = Config(max_pool_connections=THREADS, retries={"mode": "adaptive", "total_max_attempts": 8})
    try:
        return run_until_interrupted(
            command.run_until_cancelled(
                options,
                stacks.outputs(stage),
                s3=boto3.client("s3", region_name=region, config=config),
                sagemaker=boto3.client("sagemaker", region_name=region, config=config),
                poll_seconds=POLL_SECONDS,
            )
        )
    except InterruptedCommandError as interrupted:
        print("bulk: jobs that run on AWS go on meanwhile", file=sys.stderr)
        return interrupted.exit_status
