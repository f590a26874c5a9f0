"""What breaks first: every limit between a client and its rooms, in plans per second, and what to change.

From the stage's settings and AWS's default quotas; an account may have others. Only averages: for bursts, see the
simulation.
"""

from dataclasses import dataclass
from typing import assert_never

from components.naming import Inference
from operations.capacity.bills import detection_seconds, lambda_seconds
from operations.capacity.stage import (
    API_REQUESTS_PER_SECOND,
    REQUESTS_PER_PLAN,
    S3_PUTS_PER_SECOND,
    SERVERLESS_CONCURRENCY,
    TABLE_UNITS,
    WRITE_UNITS_PER_PLAN,
    ServedStage,
)
from operations.capacity.traffic import SECONDS_PER_DAY

_DAYS = {"DAY": 1, "WEEK": 7, "MONTH": 30}


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Attributes:
    plans_per_second: the limit; for a whole day's average if `averaged`, else for the busiest minute. change: what to
    do if it is reached.
    """

    name: str
    plans_per_second: float
    change: str
    averaged: bool = False

    def used(self, mean: float, peak: float) -> float:
        """The share of it that is used at this many plans/s; above 1 it breaks."""
        return (mean if self.averaged else peak) / self.plans_per_second


def limits(stage: ServedStage, inference: Inference) -> list[Limit]:
    """Every limit of the stage with that inference."""
    api = stage.settings.api
    found = [
        Limit(
            name=f"api.rateLimit {api.rate_limit:g}/s",
            plans_per_second=api.rate_limit / REQUESTS_PER_PLAN,
            change="api.rateLimit and api.burstLimit",
        ),
        *_detector(stage, inference),
        _table(stage),
        Limit(
            name=f"Lambda's {stage.function_concurrency:,} calls at once",
            plans_per_second=stage.function_concurrency / lambda_seconds(stage, inference),
            change="the quota on concurrent executions; then a second region",
        ),
        Limit(
            name=f"API Gateway's {API_REQUESTS_PER_SECOND:,}/s",
            plans_per_second=API_REQUESTS_PER_SECOND / REQUESTS_PER_PLAN,
            change="the quota on requests; then a second region",
        ),
        Limit(
            name=f"S3's {S3_PUTS_PER_SECOND:,} PUT/s of a prefix",
            plans_per_second=S3_PUTS_PER_SECOND,
            change="nothing at first: S3 splits the prefix while 503s are tried again",
        ),
    ]
    if api.api_keys:
        found.append(
            Limit(
                name=f"api.quotaLimit {api.quota_limit:,} a {api.quota_period.lower()} and key",
                plans_per_second=api.quota_limit / _DAYS[api.quota_period] / REQUESTS_PER_PLAN / SECONDS_PER_DAY,
                change="api.quotaLimit, or a key for each client",
                averaged=True,
            )
        )
    return sorted(found, key=lambda limit: limit.plans_per_second)


def _detector(stage: ServedStage, inference: Inference) -> list[Limit]:
    endpoint = stage.settings.endpoint
    match inference:
        case "endpoint":
            rate = endpoint.max_instances * stage.measured.instance_rate(endpoint.instance_type)
            return [
                Limit(
                    name=f"endpoint.maxInstances {endpoint.max_instances}",
                    plans_per_second=rate,
                    change="endpoint.maxInstances, and the account's quota of the instance type",
                )
            ]
        case "serverless":
            most = stage.settings.serverless.max_concurrency
            return [
                Limit(
                    name=f"serverless.maxConcurrency {most}",
                    plans_per_second=most / detection_seconds(stage, inference),
                    change=f"serverless.maxConcurrency, up to {SERVERLESS_CONCURRENCY}; then endpoint or lambda",
                )
            ]
        case "lambda":
            reserved = stage.settings.detector_function.reserved_concurrency
            # Without reserved concurrency, the detector shares the account's concurrency with the calls that wait for
            # it.
            if reserved is None:
                return []
            return [
                Limit(
                    name=f"detectorFunction.reservedConcurrency {reserved}",
                    plans_per_second=reserved / detection_seconds(stage, inference),
                    change="detectorFunction.reservedConcurrency",
                )
            ]
        case _:
            assert_never(inference)


def _table(stage: ServedStage) -> Limit:
    table = stage.settings.table
    if table.on_demand:
        return Limit(
            name=f"DynamoDB's {TABLE_UNITS:,} write units of a table",
            plans_per_second=TABLE_UNITS / WRITE_UNITS_PER_PLAN,
            change="the quota on a table's throughput",
        )
    return Limit(
        name=f"table.maxCapacity {table.max_capacity}",
        plans_per_second=table.max_capacity / WRITE_UNITS_PER_PLAN,
        change="table.onDemand true, or table.maxCapacity",
    )
