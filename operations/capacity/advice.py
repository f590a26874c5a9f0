"""The settings that a given traffic needs."""

import math
from dataclasses import replace
from typing import Any, TypeVar, assert_never

from components.naming import Inference
from components.settings.groups import SettingsGroup
from operations.capacity.bills import lambda_seconds
from operations.capacity.copies import copies_in_use
from operations.capacity.stage import (
    API_BURST,
    API_REQUESTS_PER_SECOND,
    REQUESTS_PER_PLAN,
    SERVERLESS_CONCURRENCY,
    WRITE_UNITS_PER_PLAN,
    ServedStage,
)

# An instance is asked for half of what it can do: what comes at random has to find a free one, and a new one takes
# minutes (errata 12).
SHARE_OF_AN_INSTANCE = 0.5
# What is left between the busiest minute and every other limit.
HEADROOM = 1.5
# Copies for all but one in a million moments, of a number that is Poisson's or near it.
DEVIATIONS = 5

Group = TypeVar("Group", bound=SettingsGroup)


def recommended_target(requests_per_second: float) -> int:
    """`endpoint.targetInvocationsPerMinute` for an instance that serves so many requests/s."""
    return round(requests_per_second * 60 * SHARE_OF_AN_INSTANCE)


def instances_needed(plans_per_second: float, target_per_minute: float) -> int:
    """Number of instances at which each gets its target or less; at least one."""
    return max(1, math.ceil(plans_per_second * 60 / target_per_minute))


def advised(stage: ServedStage, inference: Inference, peak: float, *, ahead: bool) -> ServedStage:
    """The stage with every setting that a peak of so many plans/s needs; sufficient settings are not changed.

    `ahead`: the peak comes too fast for autoscaling, so the instances must exist before it.
    """
    settings = stage.settings
    rate = max(settings.api.rate_limit, math.ceil(peak * REQUESTS_PER_PLAN * HEADROOM))
    api = _with(
        settings.api,
        rate_limit=float(min(API_REQUESTS_PER_SECOND, rate)),
        # If the rate is sufficient, the burst is not changed.
        burst_limit=int(min(API_BURST, 2 * rate)) if rate > settings.api.rate_limit else settings.api.burst_limit,
    )
    detector = _detector(stage, inference, peak, ahead=ahead)
    written = peak * WRITE_UNITS_PER_PLAN * HEADROOM
    table = _with(settings.table, on_demand=settings.table.on_demand or written > settings.table.max_capacity)
    concurrency = copies_in_use(peak * HEADROOM, lambda_seconds(stage, inference), DEVIATIONS)
    return replace(
        stage,
        settings=_with(settings, api=api, table=table, **detector),
        function_concurrency=max(stage.function_concurrency, concurrency),
    )


def _detector(stage: ServedStage, inference: Inference, peak: float, *, ahead: bool) -> dict[str, SettingsGroup]:
    """The groups of settings for the detector only."""
    match inference:
        case "endpoint":
            endpoint = stage.settings.endpoint
            target = recommended_target(stage.measured.instance_rate(endpoint.instance_type))
            needed = instances_needed(peak, target)
            least = max(endpoint.min_instances, needed if ahead else 1)
            most = max(endpoint.max_instances, math.ceil(needed * HEADROOM))
            changed = {"target_invocations_per_minute": float(target), "min_instances": least, "max_instances": most}
            return {"endpoint": _with(endpoint, **changed)}
        case "serverless":
            serverless = stage.settings.serverless
            needed = copies_in_use(peak, stage.measured.copy_seconds(serverless.memory_mb), DEVIATIONS)
            most = min(SERVERLESS_CONCURRENCY, max(serverless.max_concurrency, needed))
            return {"serverless": _with(serverless, max_concurrency=most)}
        case "lambda":
            return {}
        case _:
            assert_never(inference)


def changes(stage: ServedStage, advice: ServedStage, inference: Inference) -> dict[str, str]:
    """The changes for this kind of inference, by the name of the setting or quota."""
    before, after = _named(stage, inference), _named(advice, inference)
    return {name: value for name, value in after.items() if before[name] != value}


def _named(stage: ServedStage, inference: Inference) -> dict[str, str]:
    settings = stage.settings
    match inference:
        case "endpoint":
            of_the_detector = {
                "endpoint.targetInvocationsPerMinute": f"{settings.endpoint.target_invocations_per_minute:g}",
                "endpoint.minInstances": f"{settings.endpoint.min_instances}",
                "endpoint.maxInstances": f"{settings.endpoint.max_instances}",
            }
        case "serverless":
            of_the_detector = {"serverless.maxConcurrency": f"{settings.serverless.max_concurrency}"}
        case "lambda":
            of_the_detector = {}
        case _:
            assert_never(inference)
    return {
        **of_the_detector,
        "api.rateLimit": f"{settings.api.rate_limit:g}",
        "api.burstLimit": f"{settings.api.burst_limit}",
        "table.onDemand": "true" if settings.table.on_demand else "false",
        "Lambda's quota of calls at once": f"{stage.function_concurrency:,}",
    }


def _with(group: Group, **changed: Any) -> Group:
    return group.model_copy(update=changed)
