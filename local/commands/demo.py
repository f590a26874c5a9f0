"""`make demo`: one plan through the whole system, its rooms as a table, a file and a picture."""

import sys
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from blueprints.overlay import draw_rooms, enlarged
from console.interruption import InterruptedCommandError, run_until_interrupted
from local.commands.blueprint_client import BlueprintClient, ClientError, Detection
from local.commands.plan_file import PlanFile, PlanFileError, read_plan
from local.stack import LocalStack, StackError, local_stack


def run(
    blueprint: Path, out: Path, *, page: int = 1, stage: str = "local", settings: Mapping[str, Any] | None = None
) -> int:
    """Deploys the stage, finds the rooms of the plan's page, prints them and writes `<out>/<name>.rooms.json` and
    `.rooms.png`.

    `settings` override the stage's. Returns the exit status; a fault of the plan or the stage is one line on stderr.
    """
    started = time.perf_counter()
    try:
        plan = read_plan(blueprint, page)
        if plan.scaled:
            print(f"demo: {plan.scaled}", file=sys.stderr)
        out.mkdir(parents=True, exist_ok=True)
        detection, api_url = run_until_interrupted(_detect(plan, local_stack(stage, settings=settings)))
        answer_file, picture_file = write_results(plan, detection, out)
    except InterruptedCommandError as interrupted:
        return interrupted.exit_status
    except PlanFileError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except ClientError as error:
        print(f"demo: {blueprint}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"demo: {error.filename}: cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    except StackError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.exit_status
    console = Console(highlight=False, soft_wrap=True)
    console.print(_table(blueprint, detection))
    console.print(
        f"upload {detection.upload_seconds:.2f} s, process {detection.process_seconds:.2f} s, "
        f"status {detection.status_seconds:.2f} s at {api_url}; {time.perf_counter() - started:.1f} s in all"
    )
    console.print(f"wrote {answer_file} and {picture_file}", markup=False)
    return 0


async def _detect(plan: PlanFile, starting: AbstractAsyncContextManager[LocalStack]) -> tuple[Detection, str]:
    async with starting as stack, aiohttp.ClientSession() as session:
        return await BlueprintClient(session, stack.api_url, stack.api_key).detect(
            plan.content, plan.page
        ), stack.api_url


def write_results(plan: PlanFile, detection: Detection, out: Path) -> tuple[Path, Path]:
    """Writes the unchanged answer of `POST /process`, and the upright plan with its rooms; returns the two files."""
    answer_file, picture_file = out / f"{plan.name}.rooms.json", out / f"{plan.name}.rooms.png"
    try:
        answer_file.write_bytes(detection.process_answer)
        draw_rooms(enlarged(plan.picture), detection.rooms).save(picture_file)
    except OSError as error:  # a full disk names no file
        raise OSError(error.errno, error.strerror, error.filename or str(out)) from error
    return answer_file, picture_file


def _of_pages(detection: Detection) -> str:
    return f", page {detection.page} of {detection.page_count}" if detection.page_count > 1 else ""


def _table(blueprint: Path, detection: Detection) -> Table:
    table = Table(
        title=f"{len(detection.rooms)} rooms in {escape(blueprint.name)}{_of_pages(detection)}",
        caption="boxes: left, top, right, bottom, in thousandths of the plan's width and height",
    )
    table.add_column("room", no_wrap=True)
    table.add_column("box", no_wrap=True, justify="right")
    table.add_column("confidence", no_wrap=True, justify="right")
    table.add_column("name hint", no_wrap=True)
    for room in detection.rooms:
        box = ", ".join(f"{value:4}" for value in room["bounding_box"])
        table.add_row(room["id"], box, f"{room['confidence']:.4f}", room["name_hint"])
    return table
