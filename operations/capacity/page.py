"""docs/capacity.md: the text of page.md with a report's figures and tables."""

from pathlib import Path
from string import Template

from components.naming import Inference
from operations.capacity import tables
from operations.capacity.advice import HEADROOM
from operations.capacity.bills import total
from operations.capacity.cases import PATIENCE_SECONDS
from operations.capacity.comparison import bill_at
from operations.capacity.limits import limits
from operations.capacity.measurements import CORE_SPEED
from operations.capacity.report import Report
from operations.capacity.traffic import (
    LAUNCH_FACTOR,
    OFFICE_PLANS,
    SECONDS_PER_DAY,
    SECONDS_PER_MONTH,
    VOLUMES,
    day_rates,
)

TEXT = Path(__file__).with_name("page.md")
COMMAND = "make capacity STAGE=dev FORMAT=markdown OUT=docs > docs/capacity.md"


def page(report: Report) -> str:
    """The page as Markdown; its pictures are those of `plots`, in the folder capacity/ beside it."""
    return Template(TEXT.read_text(encoding="utf-8").rstrip("\n")).substitute(_figures(report) | _tables(report))


def _figures(report: Report) -> dict[str, str]:
    stage = report.stage
    endpoint, inference = stage.settings.endpoint, stage.settings.inference
    first = min(limits(stage, inference), key=lambda limit: limit.plans_per_second)
    peak_of_one = float(day_rates(SECONDS_PER_MONTH).max())
    small, large = VOLUMES["10 thousand a month"], VOLUMES["10 million a month"]

    def cost(inference: Inference, plans: float) -> str:
        return f"{total(bill_at(stage, inference, plans)):,.0f}"

    return {
        "stage": stage.name,
        "command": COMMAND,
        "inference": inference,
        "machine": stage.measured.machine,
        "measured_on": f"{stage.measured.measured_on:%-d %B %Y}",
        "as_of": f"{stage.prices.as_of:%-d %B %Y}",
        "region": stage.prices.region,
        "instance_type": endpoint.instance_type,
        "rate": f"{report.rate:g}",
        "recommended": f"{report.target}",
        "target": f"{endpoint.target_invocations_per_minute:g}",
        "small_endpoint": cost("endpoint", small),
        "small_lambda": cost("lambda", small),
        "large_endpoint": cost("endpoint", large),
        "large_lambda": cost("lambda", large),
        "first_limit": first.name,
        "first_plans": f"{first.plans_per_second:.0f}",
        "first_day": f"{float(f'{first.plans_per_second / peak_of_one * SECONDS_PER_DAY:.2g}'):,.0f}",
        "office": f"{OFFICE_PLANS}",
        "headroom": f"{HEADROOM:g}",
        "patience": f"{PATIENCE_SECONDS:g}",
        "launch": f"{LAUNCH_FACTOR:g}",
        "low": f"{CORE_SPEED['low']:g}",
        "high": f"{CORE_SPEED['high']:g}",
    }


def _tables(report: Report) -> dict[str, str]:
    stage = report.stage
    inference = stage.settings.inference
    made = {
        "instances": tables.instance_table(stage),
        "detections": tables.detection_table(stage),
        "costs": tables.cost_table(stage),
        "crossings": tables.crossing_table(stage),
        "bill": tables.bill_table(stage, inference),
        "breaks": tables.limit_table(stage, inference),
        "ceilings": tables.ceiling_table(stage),
        "advice": tables.advice_table(stage),
        "archives": tables.archive_table(stage),
        "document": tables.document_table(stage),
        "assumptions": tables.assumption_table(stage),
        "prices": tables.price_table(stage),
        **tables.simulation_tables(report.results),
    }
    return {name: table.markdown() for name, table in made.items()}
