"""The command that runs bulk processing: its exit codes and its output. `operations` and `local` give it the stage."""

import asyncio
import contextlib
import json
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image
from rich import box
from rich.console import Console
from rich.table import Table

from bulk.archive import Archive, Listed, open_archive
from bulk.errors import DETECTOR_ERROR, UNREADABLE, BulkError, BulkInputError
from bulk.ledger import Ledger
from bulk.options import Options
from bulk.progress import Progress
from bulk.results import PICTURES, RESULTS, Summary, write_results
from bulk.run import BulkRun, InterruptedRunError, RunSettings
from bulk.stage import BulkStage, StageFolder

RETRY = 1
WRONG_INPUT = 2
_COLUMNS_WITHOUT_TERMINAL = 120


def run(
    options: Options,
    outputs: dict[str, Any],
    *,
    s3: Any,
    sagemaker: Any,
    poll_seconds: float,
    stop: threading.Event | None = None,
) -> int:
    """Processes an archive with a deployed stage and returns the exit status; prints the summary.

    0: every plan has its rooms, or a permanent error. 1: some got no answer, or the run cannot continue; running it
    again retries them. 2: the archive, the options or the results folder cannot be used. Every code but 0 comes with
    one line on stderr. However the run ends, what is done so far is in the results folder.

    Args:
        outputs: the stack's exports.
        s3: a boto3 client for the stage's bucket, and for the archive if that is in S3.
        stop: set it from any thread to end the run with `InterruptedRunError`.
    """
    try:
        summary = _process(
            options, outputs, s3=s3, sagemaker=sagemaker, poll_seconds=poll_seconds, stop=stop or threading.Event()
        )
    except BulkError as error:
        print(f"bulk: {' '.join(str(error).split())}", file=sys.stderr)
        return WRONG_INPUT if isinstance(error, BulkInputError) else RETRY
    if options.output_format == "json":
        print(json.dumps(summary.as_json(), indent=2))
    else:
        _print_table(summary, options)
    missing = summary.left + summary.errors.get(DETECTOR_ERROR, 0) + summary.errors.get(UNREADABLE, 0)
    if missing:
        print(
            f"bulk: {missing} plans could not be read or got no answer: run the command again to retry them",
            file=sys.stderr,
        )
    return RETRY if missing else 0


async def run_until_cancelled(
    options: Options, outputs: dict[str, Any], *, s3: Any, sagemaker: Any, poll_seconds: float
) -> int:
    """Like `run`; if cancelled, it shuts down cleanly, keeps the results so far, and says how to continue."""
    stop = threading.Event()
    running = asyncio.ensure_future(
        asyncio.to_thread(run, options, outputs, s3=s3, sagemaker=sagemaker, poll_seconds=poll_seconds, stop=stop)
    )
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        with contextlib.suppress(InterruptedRunError):
            return await running  # it ended by itself in the meantime
        print(
            f"bulk: interrupted; the results so far are in {options.out / RESULTS}: run again to continue",
            file=sys.stderr,
        )
        raise


def check(options: Options) -> None:
    """Checks what can be checked before there is a stage. Raises BulkInputError."""
    if options.instances is not None and options.instances < 1:
        raise BulkInputError(f"--instances {options.instances}: must be 1 or more")
    open_archive(options.plans, s3=None, results=options.out)


def _process(
    options: Options,
    outputs: dict[str, Any],
    *,
    s3: Any,
    sagemaker: Any,
    poll_seconds: float,
    stop: threading.Event,
) -> Summary:
    check(options)
    stage = BulkStage.from_outputs(outputs, options.instances)
    archive = open_archive(options.plans, s3=s3, results=options.out)
    # Pillow would warn of large pictures on stderr, between the bars; the size is checked anyway.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    about = {"archive": archive.identity, "bucket": stage.bucket, "model": stage.model}
    settings = RunSettings(
        job_name_prefix=stage.job_name_prefix,
        plans_per_job=stage.plans_per_job,
        concurrent_jobs=stage.concurrent_jobs,
        poll_seconds=poll_seconds,
        cores=os.cpu_count() or 1,
        pictures=options.pictures,
    )
    with Ledger(options.out, about) as ledger, Progress(pictures=options.pictures) as progress:
        try:
            ledger.list_plans(progress.listing(_listed(archive, options.plans, stop)))
        except InterruptedRunError:
            write_results(ledger, options.out)
            raise
        try:
            BulkRun(
                archive=archive,
                ledger=ledger,
                folder=StageFolder(stage, ledger.run, s3=s3, sagemaker=sagemaker),
                out=options.out,
                settings=settings,
                progress=progress,
                stop=stop,
            ).execute()
        finally:
            summary = write_results(ledger, options.out)
    return summary


def _listed(archive: Archive, where: str, stop: threading.Event) -> Iterator[Listed]:
    """The archive's plans. Raises BulkInputError at the end if there are none; the ledger then stays unchanged."""
    found = False
    for plan in archive.list():
        if stop.is_set():
            raise InterruptedRunError
        found = True
        yield plan
    if not found:
        raise BulkInputError(f"{where}: contains no plans: give a folder or prefix with plans")


def _print_table(summary: Summary, options: Options) -> None:
    table = Table(box=box.SIMPLE, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    rows = {"plans": summary.plans, "with rooms found": summary.found, "rooms": summary.rooms}
    rows |= {f"without: {code}": count for code, count in summary.errors.items()}
    for name, count in rows.items():
        table.add_row(name, str(count))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _COLUMNS_WITHOUT_TERMINAL)
    console.print(table)
    pictures = f" and {summary.pictures} pictures in {options.out / PICTURES}/" if options.pictures else ""
    console.print(f"Wrote {summary.results}{pictures}", soft_wrap=True, markup=False)
