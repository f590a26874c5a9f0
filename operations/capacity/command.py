"""`make capacity`: the report of a stage, printed and drawn."""

import json
import sys
from pathlib import Path

from rich.console import Console

from components.settings.stage import SettingsError
from console.progress import bars
from operations.capacity import plots, tables
from operations.capacity.comparison import cost_curves, crossings
from operations.capacity.measurements import load_measurements
from operations.capacity.page import page
from operations.capacity.prices import CapacityError, load_prices
from operations.capacity.report import Report, make_report
from operations.capacity.stage import INFERENCES, ServedStage, read_stage
from operations.external import OperationError

FOLDER = "capacity"
WRONG_INPUT = 2
COLUMNS_WITHOUT_TERMINAL = 160


def run(stage: str, *, measurements: Path, out: Path, output_format: str) -> int:
    """Reports a stage's capacity and cost and returns the exit status: 0, or 2 after one line on stderr.

    Prints tables; with `json` the content of `<out>/capacity/capacity.json`; with `markdown` the page of the docs. The
    pictures are written beside that file; with `markdown`, only the pictures are written.
    """
    try:
        served = read_stage(stage, load_measurements(measurements), load_prices())
        served.prices.price(f"hosting.{served.settings.endpoint.instance_type}")
        folder = out / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        report = _simulated(served)
        _draw(report, folder)
        document = json.dumps(report.as_json(), indent=2)
        if output_format != "markdown":
            (folder / "capacity.json").write_text(document + "\n", encoding="utf-8")
    except (CapacityError, SettingsError, OperationError) as error:
        print(f"capacity: {error}", file=sys.stderr)
        return WRONG_INPUT
    except OSError as error:
        print(f"capacity: {error.filename}: {error.strerror}", file=sys.stderr)
        return WRONG_INPUT
    if output_format == "markdown":
        print(page(report))
    elif output_format == "json":
        print(document)
    else:
        _print(report, folder)
    return 0


def _simulated(stage: ServedStage) -> Report:
    with bars() as step:
        return make_report(stage, progress=lambda done, total: step("simulating", done, total))


def _draw(report: Report, folder: Path) -> None:
    volumes, costs = cost_curves(report.stage)
    plots.draw_costs(volumes, costs, crossings(volumes, costs), folder / "cost.png")
    plots.draw_timelines(report.results, folder)


def _print(report: Report, folder: Path) -> None:
    stage = report.stage
    console = Console(highlight=False, width=None if sys.stdout.isatty() else COLUMNS_WITHOUT_TERMINAL)
    for table in (
        tables.instance_table(stage),
        tables.detection_table(stage),
        tables.cost_table(stage),
        tables.crossing_table(stage),
        tables.bill_table(stage, stage.settings.inference),
        *(tables.limit_table(stage, inference) for inference in INFERENCES),
        tables.ceiling_table(stage),
        tables.advice_table(stage),
        *tables.simulation_tables(report.results).values(),
        tables.archive_table(stage),
        tables.document_table(stage),
        tables.assumption_table(stage),
    ):
        console.print(table.rich())
    target = stage.settings.endpoint.target_invocations_per_minute
    console.print(
        f"endpoint.targetInvocationsPerMinute: {report.target} recommended, {target:g} in Pulumi.{stage.name}.yaml"
    )
    console.print(f"Wrote {folder}/: capacity.json, cost.png, daily.png, burst.png, launch.png", soft_wrap=True)
