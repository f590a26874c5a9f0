"""`make score`: sends the first plans of a labelled folder through the whole system and counts their rooms."""

import json
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console

from blueprints.answer import parse_rooms
from blueprints.datasets import yolo
from blueprints.errors import BlueprintError
from blueprints.scoring.answers import Report, as_json, as_table
from blueprints.scoring.matching import match
from console.interruption import InterruptedCommandError, run_until_interrupted
from local.commands.blueprint_client import BlueprintClient, ClientError
from local.commands.demo import write_results
from local.commands.plan_file import PlanFileError, read_plan
from local.stack import LocalStack, StackError, local_stack

_IOU_THRESHOLD = 0.5


def run(
    data: Path,
    *,
    count: int,
    out: Path,
    output_format: str = "text",
    stage: str = "local",
    settings: Mapping[str, Any] | None = None,
) -> int:
    """Scores the first `count` plans by name of a YOLO folder, with `settings` overriding the stage's.

    Prints a table, or with `json` one JSON object, and writes each plan's answer and picture to `out`. A plan that the
    API refuses is named on stderr and in the report, and does not end the run. Returns the exit status.
    """
    try:
        plans = yolo.plans(data, limit=count)
        out.mkdir(parents=True, exist_ok=True)
        report = run_until_interrupted(_score(plans, out, local_stack(stage, settings=settings)))
    except InterruptedCommandError as interrupted:
        return interrupted.exit_status
    except (BlueprintError, OSError) as error:
        print(f"score: {error}", file=sys.stderr)
        return 1
    except StackError as error:
        print(f"score: {error}", file=sys.stderr)
        return error.exit_status
    if output_format == "json":
        print(json.dumps(as_json(report), indent=2))
    else:
        Console(highlight=False, soft_wrap=True).print(as_table(report))
    return 0


async def _score(
    plans: list[yolo.LabelledPlan], out: Path, starting: AbstractAsyncContextManager[LocalStack]
) -> Report:
    counts, refused = {}, []
    async with starting as stack, aiohttp.ClientSession() as session:
        client = BlueprintClient(session, stack.api_url, stack.api_key)
        for plan in plans:
            truth = yolo.read_labels(plan.labels)
            try:
                file = read_plan(plan.image)
                if file.scaled:
                    print(f"score: {file.scaled}", file=sys.stderr)
                detection = await client.detect(file.content)
            except (ClientError, PlanFileError) as error:
                print(f"score: {plan.name}: {error}", file=sys.stderr)
                refused.append(plan.name)
                continue
            write_results(file, detection, out)
            counts[plan.name] = match(parse_rooms(detection.rooms), truth, _IOU_THRESHOLD)
    return Report(iou_threshold=_IOU_THRESHOLD, plans=counts, without_prediction=tuple(refused), without_truth=())
