"""docs/capacity.md, made from a report."""

from collections.abc import Sequence

from operations.capacity import tables
from operations.capacity.advice import HEADROOM
from operations.capacity.bills import total
from operations.capacity.cases import PATIENCE_SECONDS, QUEUE_SECONDS
from operations.capacity.comparison import bill_at
from operations.capacity.limits import limits
from operations.capacity.report import Report
from operations.capacity.tables import Table
from operations.capacity.traffic import (
    HOURLY,
    LAUNCH_FACTOR,
    OFFICE_PLANS,
    SECONDS_PER_MONTH,
    VOLUMES,
    day_rates,
)

COMMAND = "make capacity STAGE=dev FORMAT=markdown OUT=docs > docs/capacity.md"


def page(report: Report) -> str:
    """The page as Markdown; its pictures are those of `plots`, in the folder capacity/ beside it."""
    sections = (
        _head(report),
        _in_short(report),
        _instance(report),
        _costs(report),
        _breaks(report),
        _simulated(report),
        _archives(report),
        _document(report),
        _method(report),
        _prices(report),
    )
    return "\n\n".join(part for section in sections for part in section)


def _head(report: Report) -> Sequence[str]:
    return (
        "# Capacity and cost",
        f"What stage `{report.stage.name}` can serve, what it costs, what breaks first, and what to change. Written by\n"
        f"`{COMMAND}`; `make capacity STAGE=<stage>`\n"
        "prints the same for another stage's settings, `FORMAT=json` for a program.",
        f"**Nothing here was measured on AWS.** Speeds are those of one machine ({report.measured.machine}) of\n"
        f"{report.measured.measured_on:%-d %B %Y}, carried over core for core; prices are AWS's list of\n"
        f"{report.prices.as_of:%-d %B %Y} for {report.prices.region}, without tax and free allowances; what a plan is and\n"
        "when plans come is assumed. [How it was computed](#how-it-was-computed) says how far each may be off. A plan is\n"
        "one upload, one process and one status call.",
    )


def _in_short(report: Report) -> Sequence[str]:
    endpoint = report.stage.settings.endpoint
    first = min(limits(report.stage, "endpoint", report.measured), key=lambda limit: limit.plans_per_second)
    a_day = first.plans_per_second / float(day_rates(SECONDS_PER_MONTH).max()) * 86_400
    small, mid = VOLUMES["10 thousand a month"], VOLUMES["10 million a month"]
    costs = {
        (mode, plans): total(bill_at(report.stage, mode, plans, report.measured, report.prices))
        for mode in ("endpoint", "lambda")
        for plans in (small, mid)
    }
    return (
        "## In short",
        f"- One {endpoint.instance_type} serves about {report.rate:.0f} plans/s. Set\n"
        f"  `endpoint.targetInvocationsPerMinute` to **{report.target}** ({report.rate:g} x 60 x 0.5); it is\n"
        f"  {endpoint.target_invocations_per_minute:g}, which adds instances where one is nearly idle.\n"
        f"- Ten thousand plans a month cost ${costs['endpoint', small]:,.0f} with `inference: endpoint` and\n"
        f"  ${costs['lambda', small]:,.0f} with `lambda`: the endpoint's one instance is paid day and night. At ten million a\n"
        f"  month it is ${costs['endpoint', mid]:,.0f} and ${costs['lambda', mid]:,.0f}, and the detector is no longer what\n"
        "  costs: stored plans, API calls and the function are.\n"
        f"- The stage's tightest limit is {first.name}: {first.plans_per_second:.0f} plans/s, about {a_day:,.0f} plans of a\n"
        "  working day. The table below says what comes after it.\n"
        f"- An office that sends {OFFICE_PLANS} plans at once is held back by the API's throttle, which spares the endpoint:\n"
        "  with retries everything is answered within half a minute. A serverless endpoint refuses what is over its\n"
        "  `maxConcurrency`; a function starts copies, and the first requests wait for them.\n"
        "- Autoscaling needs three minutes over the target, another for the metric, and about five to start an instance: it\n"
        "  follows a day, not a launch. Have the instances there before one.",
    )


def _instance(report: Report) -> Sequence[str]:
    return (
        "## One instance, one detection",
        tables.instance_table(report.stage, report.measured, report.prices).markdown(),
        "The dollars a million plans are the same for every size, because cores are what is paid: take a smaller type for\n"
        "less idle cost, a larger one for a shorter detection. INT8 gains most on processors with VNNI: c6i has it, of c5\n"
        "only the newer of its two processors does, so do not count on it there. ml.c6i has c5's price in this list.",
        tables.latency_table(report.stage, report.measured).markdown(),
    )


def _costs(report: Report) -> Sequence[str]:
    stage, measured, prices = report.stage, report.measured, report.prices
    return (
        "## What it costs",
        "Every setting as the volume needs it. The fleet follows the day's curve.",
        tables.cost_table(stage, measured, prices).markdown(),
        "![A month's bill of each mode over the plans of the month](capacity/cost.png)",
        "Where the lines cross depends on what AWS's cores do, not on what they cost: a second of a vCPU is billed at nearly\n"
        "the same price everywhere, and an endpoint that is half idle on purpose pays for two.",
        tables.crossing_table(stage, measured, prices).markdown(),
        "So choose `lambda` where a cold start of some seconds is bearable, `endpoint` where latency must not jump or where it\n"
        "is nearly always busy. To pay less at volume, look elsewhere first: `storage.oldVersionRetentionDays` (a plan is\n"
        "stored for its retention and then as an old version), `api.executionLogLevel: ERROR`, uploads that go to S3 directly.",
        tables.bill_table(stage, measured, prices).markdown(),
    )


def _breaks(report: Report) -> Sequence[str]:
    stage, measured = report.stage, report.measured
    return (
        "## What breaks first",
        "Each limit against the busiest minute of a day; over 100 % it breaks.",
        tables.limit_table(stage, "endpoint", measured).markdown(),
        "All limits of the stage, the tightest first:",
        tables.ceiling_table(stage, measured).markdown(),
        "Limits beside rates: a request over 6 MB or 29 s fails at any volume; a new account may start with a concurrency of\n"
        "10 instead of 1,000, and with a quota of few instances of a type, which no setting shows: see Service Quotas. The\n"
        "table starts at `table.minCapacity` and takes minutes to grow. A second region helps from where the account's own\n"
        f"quotas are the limit, and for what else a region may do. What to set for each volume, with {HEADROOM:g} times the\n"
        "busiest minute:",
        tables.advice_table(stage, measured).markdown(),
    )


def _simulated(report: Report) -> Sequence[str]:
    return (
        "## Simulated traffic",
        "Latency counts from the client's first attempt to the detector's answer, waits after 429s included; 429 are plans\n"
        f"whose client gave up after {PATIENCE_SECONDS:g} s of them, 503 those that the detector had no place for, 504 those\n"
        "that the function did not wait for. The detector's dollars are for the window.",
        "### A day, as set",
        report.simulated("A day, as set", "daily", "as set").markdown(),
        "### A day, as advised",
        report.simulated("A day, as advised", "daily", "as advised").markdown(),
        "![A day with 1 million plans](capacity/daily.png)",
        f"### An hour with a burst of {OFFICE_PLANS} plans, as set",
        report.simulated("A burst, as set", "burst", "as set").markdown(),
        "![A burst](capacity/burst.png)",
        f"### Four hours with a launch at {LAUNCH_FACTOR:g} times the average, as set",
        report.simulated("A launch, as set", "launch", "as set").markdown(),
        "### The same, prepared for",
        "The advice for the launch's own peak, its instances there before it.",
        report.simulated("A launch, as advised", "launch", "as advised").markdown(),
        "![A launch](capacity/launch.png)",
    )


def _archives(report: Report) -> Sequence[str]:
    return (
        "## Archives",
        "An archive does not have to go through the API: SageMaker's batch transform runs the same image, as many instances\n"
        "as the quota allows, and nothing in between breaks. The detector alone, without starting the instances:",
        tables.archive_table(report.measured, report.prices).markdown(),
    )


def _document(report: Report) -> Sequence[str]:
    return (
        "## The document's cost table",
        "The document's month: 10,000 requests of 5 s, one instance. Its assumptions, its lines computed from the price list,\n"
        "then what it leaves out.",
        tables.document_table(report.prices, report.measured).markdown(),
        "Of what the document would save: autoscaling saves nothing while one instance is the least; SageMaker has Savings\n"
        "Plans instead of reserved instances; inference inside Lambda saves what the table above says, and is not slower by\n"
        "much once warm.",
    )


def _method(report: Report) -> Sequence[str]:
    measured, function = report.measured, report.measured.function
    assumed = measured.assumed
    table = Table(
        title="Assumptions",
        columns=("what", "value", "from"),
        rows=[
            [
                "detector",
                f"{measured.detector.requests_per_second:g} requests/s, {measured.detector.latency_ms:g} ms at one client, "
                f"{measured.detector.precision}, {measured.detector.cores} cores",
                measured.detector.command,
            ],
            ["spread of its time", f"{measured.detector.variation:.0%} of the mean", "pixels of 101 real plans"],
            [
                "function's calls on a whole core",
                f"upload {function.upload.core_ms:g}, process {function.process.core_ms:g}, status "
                f"{function.status.core_ms:g} ms, beside waiting for AWS",
                function.command,
            ],
            [
                "a plan",
                f"{function.image_kb:g} kB, {function.detector_image_kb:g} kB to the detector",
                "the sample plan",
            ],
            ["a working day", f"busiest hour {HOURLY.max() / HOURLY.mean():.1f} times the mean", "assumed"],
            ["start of an instance", f"{assumed.instance_start_seconds:g} s", 'assumed: "minutes"'],
            [
                "cold start",
                f"serverless {assumed.serverless_cold_start_seconds:g} s, lambda "
                f"{assumed.function_cold_start_seconds:g} s",
                "assumed",
            ],
            ["an idle copy is kept", f"{assumed.idle_seconds:g} s", "assumed; AWS publishes none"],
            ["call of the detector", f"{assumed.invocation_ms:g} ms on top", "assumed"],
            [
                "log lines of a request",
                f"{assumed.execution_log_kb:g} kB execution, {assumed.access_log_kb:g} kB access, "
                f"{assumed.function_log_kb:g} kB function",
                "assumed",
            ],
            ["server's queue", f"503 to what would wait over {QUEUE_SECONDS:g} s", "the server's limit"],
        ],
        words=(0, 1, 2),
    )
    return (
        "## How it was computed",
        table.markdown(),
        "**From this machine to AWS.** The two cores here do 150 GFLOP/s in float32, which for this processor takes two whole\n"
        "cores, so they are counted as such; of c5's four vCPUs two are the others' hyperthreads, which a matrix product gains\n"
        "nothing from, so an ml.c5.xlarge counts as two cores and as fast as this machine. Its AVX-512 may make it faster, its\n"
        "age and its neighbours slower: the instance table gives the range from 0.75 to 1.75. Beyond two cores the rate is\n"
        "taken to grow with them, which was not tried. A function's vCPU counts as half a core, 1,769 MB each.",
        "**The endpoint** is simulated as discrete events (simpy): minutes, in which the policies see the metrics of the minute\n"
        "before, and instances that start. Requests go to an instance at random, as SageMaker does by default, and wait in its\n"
        "queue; between two events they are computed all together and exactly (Lindley's recursion), which makes ten million a\n"
        "day a matter of seconds. Target tracking needs three minutes over the target or fifteen below nine tenths of it; the\n"
        "latency alarm three minutes over its limit; nothing changes while an instance starts. `LEAST_OUTSTANDING_REQUESTS`\n"
        "routing would shorten the queues, and SageMaker's ten-second concurrency metrics the wait for an instance.",
        "**Serverless and lambda** are simulated request by request, one copy a request, the last idle one first. Of windows\n"
        "with over a million plans one minute in so many is simulated, as if they followed each other: cold starts of a steep\n"
        "rise are then overstated.",
        "**Checked** by tests: the queue against simpy event by event and the formulas for M/M/1 and M/D/1, the scaling against\n"
        "the policy, bills against sums by hand, this page against the code. **Not covered**: retries after 503 and 504,\n"
        "throttling inside DynamoDB while it grows, availability zones, the time that AWS takes to change a quota.",
    )


def _prices(report: Report) -> Sequence[str]:
    return (
        "## Price list",
        "`operations/capacity/prices.yaml`. Checked against the document, or against stored copies of other public pages, or\n"
        "not at all: AWS's own pages could not be reached when it was written. Look the ones up that matter to you.",
        tables.price_table(report.prices).markdown(),
    )
