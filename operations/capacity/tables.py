"""The tables of the report, for a terminal and for the page in the docs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from rich import box
from rich.table import Table as RichTable

from components.instances import vcpus
from components.naming import Inference
from operations.capacity.advice import advised, changes, recommended_target
from operations.capacity.bills import copy_memory_mb, detection_seconds, total
from operations.capacity.cases import Case, Result, Variant
from operations.capacity.comparison import bill_at, cost_curves, crossings, scenarios
from operations.capacity.document import STATED_TOTAL, document_lines
from operations.capacity.limits import limits
from operations.capacity.measurements import CORE_SPEED, VCPUS_PER_CORE
from operations.capacity.stage import INFERENCES, ServedStage
from operations.capacity.traffic import (
    DAYS_PER_MONTH,
    HOURLY_PLANS,
    HOURS_PER_MONTH,
    SECONDS_PER_MONTH,
    VOLUMES,
    day_rates,
    mean_rate,
)

MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text; all columns except `words` are numbers, and the last `totals` rows are highlighted."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)
    totals: int = 0

    def markdown(self) -> str:
        rule = ["---" if number in self.words else "---:" for number in range(len(self.columns))]
        plain, totals = self._parts()
        bold = [[f"**{cell}**" if cell else "" for cell in row] for row in totals]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in (self.columns, rule, *plain, *bold))

    def rich(self) -> RichTable:
        table = RichTable(title=self.title, title_justify="left", box=box.SIMPLE, pad_edge=False)
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="left" if number in self.words else "right", overflow="fold")
        plain, totals = self._parts()
        for row in plain:
            table.add_row(*row)
        for row in totals:
            table.add_row(*row, style="bold")
        return table

    def _parts(self) -> tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]]:
        first_total = len(self.rows) - self.totals
        return self.rows[:first_total], self.rows[first_total:]


def instance_table(stage: ServedStage) -> Table:
    """The capacity of one instance of each type that has a price, and its recommended target."""
    rows = []
    for price in stage.prices.prices:
        kind = price.key.removeprefix("hosting.")
        if not kind.startswith("ml.") or kind == price.key:
            continue
        rate = stage.measured.instance_rate(kind)
        low, high = (
            stage.measured.model_copy(update={"core_speed": CORE_SPEED[name]}).instance_rate(kind)
            for name in ("low", "high")
        )
        monthly = price.cost(HOURS_PER_MONTH)
        asked = recommended_target(rate) / 60 * SECONDS_PER_MONTH
        rows.append(
            [
                kind + (" (the stage's)" if kind == stage.settings.endpoint.instance_type else ""),
                f"{vcpus(kind)} / {vcpus(kind) // VCPUS_PER_CORE}",
                f"{rate:.0f} ({low:.0f} to {high:.0f})",
                f"{1000 * (1 / rate + stage.measured.fixed_seconds):.0f}",
                f"{recommended_target(rate)}",
                f"{monthly:.2f}",
                f"{monthly / asked * MILLION:.2f}",
            ]
        )
    columns = (
        "instance type",
        "vCPUs / cores",
        "requests/s (may be)",
        "alone, ms",
        "target a minute",
        "$ a month",
        "$ a million plans at the target",
    )
    return Table(title="One instance", columns=columns, rows=rows)


def cost_table(stage: ServedStage) -> Table:
    """The whole bill of a month by volume and inference, with the advised settings."""
    rows = []
    for name, plans in VOLUMES.items():
        costs = {inference: total(bill_at(stage, inference, plans)) for inference in INFERENCES}
        cheapest = min(costs, key=costs.__getitem__)
        per_thousand = costs[cheapest] / plans * 1000
        rows.append([name, *(_dollars(costs[inference]) for inference in INFERENCES), cheapest, f"{per_thousand:.3f}"])
    columns = ("plans", *(f"{inference}, $" for inference in INFERENCES), "cheapest", "$ a thousand plans")
    return Table(title="A month's bill", columns=columns, rows=rows, words=(0, 4))


def crossing_table(stage: ServedStage) -> Table:
    """The volume from which the endpoint is cheaper, under each assumption about AWS's cores."""
    rows = []
    for name, assumed in scenarios(stage).items():
        found = crossings(*cost_curves(assumed))
        rows.append([name, *(_crossing(crossing.plans) for crossing in found)])
    columns = ("assumption", "endpoint below serverless from", "endpoint below lambda from")
    return Table(title="Crossing points, plans a month", columns=columns, rows=rows)


def bill_table(stage: ServedStage, inference: Inference) -> Table:
    """Every line of the bill by volume, with the advised settings."""
    bills = [bill_at(stage, inference, plans) for plans in VOLUMES.values()]
    # Another volume may pay the table in another way: without what is behind the comma the lines are the same.
    labels = [f"{line.service}: {line.what.split(',')[0]}" for line in bills[0]]
    rows = [[label, *(_dollars(bill[number].usd) for bill in bills)] for number, label in enumerate(labels)]
    rows.append(["total", *(_dollars(total(bill)) for bill in bills)])
    return Table(title=f"Where the money goes with {inference}, $ a month", columns=("", *VOLUMES), rows=rows, totals=1)


# What the page shows of the simulated cases: title, shape, variant, volumes.
_SIMULATIONS: Mapping[str, tuple[str, str, Variant, Sequence[str]]] = {
    "steady": ("An hour at the average rate, as advised", "steady", "as advised", tuple(VOLUMES)[2:]),
    "day_as_set": ("A day, as set", "daily", "as set", tuple(VOLUMES)),
    "day_as_advised": ("A day, as advised", "daily", "as advised", tuple(VOLUMES)[3:]),
    "burst": ("A burst, as set", "burst", "as set", ("100 thousand a month", "1 million a day")),
    "launch_as_set": ("A launch, as set", "launch", "as set", tuple(VOLUMES)[2:]),
    "launch_prepared": ("A launch, prepared for", "launch", "prepared", tuple(VOLUMES)[2:]),
}


def simulation_tables(results: Mapping[Case, Result]) -> dict[str, Table]:
    """Latencies, errors, instances and the detector's cost for the most informative cases."""
    columns = (
        *("plans", "inference", "p50", "p95", "p99", "429", "503", "504", "cold"),
        *("instances, copies", "detector, $"),
    )
    return {
        name: Table(
            title=title,
            columns=columns,
            rows=[
                _simulation_row(result)
                for case, result in results.items()
                if (case.shape, case.variant) == (shape, variant) and case.volume in volumes
            ],
            words=(0, 1),
        )
        for name, (title, shape, variant, volumes) in _SIMULATIONS.items()
    }


def _simulation_row(result: Result) -> Sequence[str]:
    summary = result.summary
    shares = (summary.throttled_share, summary.refused_share, summary.late_share, summary.cold_start_share)
    return (
        result.case.volume,
        result.case.inference,
        *map(_time, summary.latencies),
        *map(_percent, shares),
        f"{summary.instances.min()} to {summary.instances.max()}",
        f"{result.detector_usd:,.2f}",
    )


def limit_table(stage: ServedStage, inference: Inference) -> Table:
    """By volume, the limits that a day's busiest minute breaks, the tightest first, and what to change."""
    found = limits(stage, inference)
    rows = []
    for name, plans in VOLUMES.items():
        mean, peak = mean_rate(plans), float(day_rates(plans).max())
        broken = [limit for limit in found if limit.used(mean, peak) > 1]
        first = max(found, key=lambda limit: limit.used(mean, peak))
        change = "; ".join(dict.fromkeys(limit.change for limit in broken)) or "nothing"
        rows.append([name, f"{peak:.2f}", first.name, _percent(first.used(mean, peak)), change])
    columns = ("plans", "busiest, plans/s", "first limit", "used", "what to change")
    return Table(title=f"What breaks first, {inference}", columns=columns, rows=rows, words=(0, 2, 4))


def ceiling_table(stage: ServedStage) -> Table:
    """Every limit of the stage, in plans/s and in plans of a day with the assumed curve."""
    peak_of_one = float(day_rates(SECONDS_PER_MONTH).max())  # plans/s at the busiest, where the mean is 1
    rows = {}
    for inference in INFERENCES:
        for limit in limits(stage, inference):
            mean = limit.plans_per_second if limit.averaged else limit.plans_per_second / peak_of_one
            name = f"{limit.name} ({inference})" if limit.name.startswith("Lambda") else limit.name
            a_day = f"{mean * SECONDS_PER_MONTH / DAYS_PER_MONTH:,.0f}"
            rows[name] = (limit.plans_per_second, [name, f"{limit.plans_per_second:,.1f}", a_day])
    ordered = [row for _, row in sorted(rows.values())]
    return Table(title="The stage's limits", columns=("limit", "plans/s", "plans a day"), rows=ordered)


def advice_table(stage: ServedStage) -> Table:
    """By volume and inference, the settings that differ from the stage's."""
    rows = []
    for name, plans in VOLUMES.items():
        peak = float(day_rates(plans).max())
        for inference in INFERENCES:
            changed = changes(stage, advised(stage, inference, peak, ahead=False), inference)
            told = ", ".join(f"{key} {value}" for key, value in changed.items()) or "nothing"
            rows.append([name, inference, told])
    return Table(title="Settings to change", columns=("plans", "inference", "settings"), rows=rows, words=(0, 1, 2))


def document_table(stage: ServedStage) -> Table:
    """The document's cost table beside the computed one."""
    lines = document_lines(stage.prices, stage.measured)
    stated = sum(line.stated for line in lines if line.stated is not None)
    own = sum(line.computed for line in lines if line.stated is not None)
    everything = sum(line.computed for line in lines)
    rows = [
        [line.service, "-" if line.stated is None else f"{line.stated:.2f}", f"{line.computed:.2f}", line.how]
        for line in lines
    ]
    # With only the endpoint's line corrected.
    errata = stated - (lines[0].stated or 0) + lines[0].computed
    rows += [
        ["total", f"{STATED_TOTAL:.2f}", f"{own:.2f}", f"the document's lines add up to {stated:.3f}"],
        ["with the endpoint corrected", "", f"{errata:.2f}", "the other lines as the document has them"],
        ["with the costs it leaves out", "", f"{everything:.2f}", ""],
    ]
    columns = ("service", "the document, $", "computed, $", "how")
    return Table(title="The document's cost table", columns=columns, rows=rows, words=(0, 3), totals=3)


def archive_table(stage: ServedStage) -> Table:
    """An archive through batch transform: hours and dollars for the detector only."""
    kind = "ml.c5.xlarge"
    rows = []
    for plans in (100_000, 1_000_000, 10_000_000):
        hours = plans / stage.measured.instance_rate(kind) / 3600
        cost = stage.prices.cost(f"transform.{kind}", hours)
        rows.append([f"{plans:,}", f"{hours:,.1f}", f"{hours / 10:,.1f}", f"{cost:,.2f}"])
    columns = ("plans", "hours of one instance", "hours with ten", "$")
    return Table(title=f"Batch transform, {kind}", columns=columns, rows=rows)


def price_table(stage: ServedStage) -> Table:
    """The price list."""
    rows = []
    for price in stage.prices.prices:
        per = f" a {price.per:,}" if price.per > 1 else ""
        tiers = [price.usd] if price.usd is not None else [tier.usd for tier in price.tiers]
        shown = " / ".join(f"{usd:.10f}".rstrip("0").rstrip(".") for usd in tiers)
        rows.append([price.key, price.unit, shown + per, price.checked, f"<{price.source}>"])
    columns = ("price", "unit", "$", "checked", "source")
    return Table(title="Prices", columns=columns, rows=rows, words=(0, 1, 3, 4))


def _size_and_cold_start(stage: ServedStage, inference: Inference) -> tuple[str, float]:
    assumed = stage.measured.assumed
    match inference:
        case "endpoint":
            return stage.settings.endpoint.instance_type, 0.0
        case "serverless":
            return f"{copy_memory_mb(stage, inference)} MB", assumed.serverless_cold_start_seconds
        case "lambda":
            return f"{copy_memory_mb(stage, inference)} MB", assumed.function_cold_start_seconds
        case _:
            assert_never(inference)


def detection_table(stage: ServedStage) -> Table:
    """One detection without waiting, by inference, and its cold start."""
    rows = []
    for inference in INFERENCES:
        size, cold_seconds = _size_and_cold_start(stage, inference)
        rows.append((inference, size, f"{1000 * detection_seconds(stage, inference):.0f}", f"{cold_seconds:g}"))
    columns = ("inference", "size", "detection, ms", "cold start, s (assumed)")
    return Table(title="One detection", columns=columns, rows=rows, words=(0, 1))


def assumption_table(stage: ServedStage) -> Table:
    """The assumptions behind the figures, with their sources."""
    detector, function, assumed = stage.measured.detector, stage.measured.function, stage.measured.assumed
    views = stage.measured.views
    cold = f"serverless {assumed.serverless_cold_start_seconds:g} s, lambda {assumed.function_cold_start_seconds:g} s"
    rows = [
        (
            "detector",
            f"{detector.requests_per_second:g} requests/s, {detector.latency_ms:g} ms to one client, "
            f"{detector.precision}, {detector.cores} cores" + (f"; {views} views: {views} times" if views > 1 else ""),
            detector.command,
        ),
        ("spread of its time", f"{100 * detector.variation:.0f} % of the mean", "pixels of 101 real plans"),
        (
            "function's calls, on a whole core",
            ", ".join(
                f"{name} {call.core_ms:g} + {call.waiting_ms:g} ms"
                for name, call in (
                    ("upload", function.upload),
                    ("process", function.process),
                    ("status", function.status),
                )
            )
            + " of waiting",
            function.command,
        ),
        ("a plan", f"{function.image_kb:g} kB, to the detector {function.detector_image_kb:g} kB", "the sample plan"),
        ("a day", f"busiest hour {HOURLY_PLANS.max() / HOURLY_PLANS.mean():.1f} times the mean", "assumed"),
        ("start of an instance", f"{assumed.instance_start_seconds:g} s", "assumed"),
        ("cold start", cold, "assumed; its part from the process to the first answer took under 1 s here"),
        ("an idle copy is kept", f"{assumed.idle_seconds:g} s", "assumed: AWS publishes no value"),
        ("call of the detector", f"{assumed.invocation_ms:g} ms in addition to the detection", "assumed"),
        ("server's queue", f"503 if the wait would be over {assumed.server_queue_seconds:g} s", "assumed"),
        (
            "log of a request",
            f"execution {assumed.execution_log_kb:g}, access {assumed.access_log_kb:g}, function "
            f"{assumed.function_log_kb:g}, detector {assumed.detector_log_kb:g} kB",
            "assumed",
        ),
    ]
    return Table(title="Assumptions", columns=("what", "value", "from"), rows=rows, words=(0, 1, 2))


def _crossing(plans: float | None) -> str:
    return "never, up to 10 million a day" if plans is None else f"{float(f'{plans:.2g}'):,.0f}"


def _dollars(usd: float) -> str:
    return f"{usd:,.2f}" if usd < 1000 else f"{usd:,.0f}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _percent(share: float) -> str:
    if share == 0:
        return "0"
    return f"{100 * share:.2g} %" if share < 1 else f"{100 * share:,.0f} %"
