"""The settings that a traffic needs."""

import math
from dataclasses import replace
from typing import Any, TypeVar

from components.settings import SettingsGroup
from operations.capacity.bills import detection_seconds, function_seconds
from operations.capacity.copies import copies_in_use
from operations.capacity.measurements import Measurements
from operations.capacity.stage import (
    API_BURST,
    API_REQUESTS_PER_SECOND,
    REQUESTS_PER_PLAN,
    SERVERLESS_CONCURRENCY,
    WRITE_UNITS_PER_PLAN,
    Mode,
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
    """Instances at which each gets its target or less, one at least."""
    return max(1, math.ceil(plans_per_second * 60 / target_per_minute))


def advised(stage: ServedStage, mode: Mode, peak: float, measured: Measurements, *, ahead: bool) -> ServedStage:
    """The stage with every setting that a peak of so many plans/s needs; what is enough stays as it is.

    `ahead`: the peak comes too fast for new instances, so they are there before it.
    """
    settings = stage.settings
    target = recommended_target(measured.instance_rate(settings.endpoint.instance_type))
    needed = instances_needed(peak, target)
    least = max(settings.endpoint.min_instances, needed if ahead else 1)
    rate = max(settings.api.rate_limit, math.ceil(peak * REQUESTS_PER_PLAN * HEADROOM))
    changed = {
        "endpoint": _with(
            settings.endpoint,
            target_invocations_per_minute=float(target),
            min_instances=least,
            max_instances=max(settings.endpoint.max_instances, math.ceil(needed * HEADROOM)),
        ),
        "api": _with(
            settings.api,
            rate_limit=float(min(API_REQUESTS_PER_SECOND, rate)),
            burst_limit=int(min(API_BURST, max(settings.api.burst_limit, 2 * rate))),
        ),
        "table": _with(
            settings.table,
            on_demand=settings.table.on_demand or peak * WRITE_UNITS_PER_PLAN * HEADROOM > settings.table.max_capacity,
        ),
    }
    serverless = copies_in_use(peak, measured.copy_seconds(stage.serverless_memory_mb), DEVIATIONS)
    own = detection_seconds(stage, "lambda", measured) if mode == "lambda" else 0.0
    concurrency = copies_in_use(peak * HEADROOM, function_seconds(stage, mode, measured) + own, DEVIATIONS)
    return replace(
        stage,
        settings=_with(settings, **changed),
        serverless_concurrency=min(SERVERLESS_CONCURRENCY, max(stage.serverless_concurrency, serverless)),
        function_concurrency=max(stage.function_concurrency, concurrency),
    )


def changes(stage: ServedStage, advice: ServedStage, mode: Mode) -> dict[str, str]:
    """What the advice changes for that mode, by the setting's or the quota's name."""
    before, after = _named(stage, mode), _named(advice, mode)
    return {name: value for name, value in after.items() if before[name] != value}


def _named(stage: ServedStage, mode: Mode) -> dict[str, str]:
    settings = stage.settings
    of_mode = {
        "endpoint": {
            "endpoint.targetInvocationsPerMinute": f"{settings.endpoint.target_invocations_per_minute:g}",
            "endpoint.minInstances": f"{settings.endpoint.min_instances}",
            "endpoint.maxInstances": f"{settings.endpoint.max_instances}",
        },
        "serverless": {"serverless.maxConcurrency": f"{stage.serverless_concurrency}"},
        "lambda": {},
    }
    return {
        **of_mode[mode],
        "api.rateLimit": f"{settings.api.rate_limit:g}",
        "api.burstLimit": f"{settings.api.burst_limit}",
        "table.onDemand": "true" if settings.table.on_demand else "false",
        "Lambda's quota of calls at once": f"{stage.function_concurrency:,}",
    }


def _with(group: Group, **changed: Any) -> Group:
    return group.model_copy(update=changed)
