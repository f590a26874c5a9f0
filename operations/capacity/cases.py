"""The simulated cases: a volume, a shape of traffic, a kind of inference, settings as they are or as advised."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, assert_never

import numpy as np

from components.naming import Inference
from operations.capacity.advice import advised, instances_needed
from operations.capacity.bills import Copied, copy_memory_mb, detector_lines, total
from operations.capacity.copies import CopyLimits, copies_in_use, simulate_copies
from operations.capacity.endpoint import EndpointLimits, simulate_endpoint
from operations.capacity.outcome import Summary
from operations.capacity.queueing import throttle
from operations.capacity.scaling import LatencyStep, TargetTracking
from operations.capacity.stage import INFERENCES, REQUESTS_PER_PLAN, ServedStage
from operations.capacity.traffic import SHAPES, VOLUMES, Traffic, day_rates

# The stage as it is; with what the volume's day needs; for a launch with what its own peak needs, from the start.
Variant = Literal["as set", "as advised", "prepared"]

# How long a client tries again after a 429.
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """One simulation."""

    volume: str
    shape: str
    inference: Inference
    variant: Variant

    @property
    def plans_per_month(self) -> float:
        return VOLUMES[self.volume]


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of a case; `detector_usd` is the detector's part of the bill for the simulated window."""

    case: Case
    summary: Summary
    detector_usd: float

    def as_json(self) -> dict[str, Any]:
        case = self.case
        return {
            "volume": case.volume,
            "shape": case.shape,
            "inference": case.inference,
            "variant": case.variant,
            "detector_usd": round(self.detector_usd, 4),
            **self.summary.as_json(),
        }


def all_cases() -> Iterator[Case]:
    """Every volume with every shape, inference and variant."""
    for volume in VOLUMES:
        for shape in SHAPES:
            variants: tuple[Variant, ...] = ("as set", "as advised", "prepared")
            for inference in INFERENCES:
                for variant in variants if shape == "launch" else variants[:2]:
                    yield Case(volume=volume, shape=shape, inference=inference, variant=variant)


def stage_of(case: Case, stage: ServedStage) -> ServedStage:
    """The stage with the case's settings."""
    if case.variant == "as set":
        return stage
    prepared = case.variant == "prepared"
    rates = SHAPES[case.shape](case.plans_per_month).rates if prepared else day_rates(case.plans_per_month)
    return advised(stage, case.inference, float(rates.max()), ahead=prepared)


def simulate(case: Case, stage: ServedStage) -> Result:
    """Runs one case on a stage that has its settings.

    The same case gives the same result: its random numbers follow from its names.
    """
    traffic = SHAPES[case.shape](case.plans_per_month)
    random = np.random.default_rng(zlib.crc32(f"{case.volume}/{case.shape}".encode()))
    arrivals = traffic.arrivals(random)
    sent = throttle(
        arrivals,
        requests_per_plan=REQUESTS_PER_PLAN,
        rate=stage.settings.api.rate_limit,
        burst=stage.settings.api.burst_limit,
        patience_seconds=PATIENCE_SECONDS,
    )
    match case.inference:
        case "endpoint":
            summary = _endpoint(traffic, arrivals, sent, stage, random)
        case "serverless" | "lambda":
            limits = _copy_limits(case.inference, float(traffic.rates[0]), stage)
            summary = simulate_copies(arrivals, sent, seconds=traffic.seconds, limits=limits, random=random)
        case _:
            assert_never(case.inference)
    lines = detector_lines(
        stage,
        case.inference,
        summary.answered,
        instance_hours=summary.instance_hours,
        copy_seconds=summary.compute_seconds,
    )
    return Result(case=case, summary=summary, detector_usd=total(lines))


def _endpoint(
    traffic: Traffic,
    arrivals: np.ndarray,
    sent: np.ndarray,
    stage: ServedStage,
    random: np.random.Generator,
) -> Summary:
    settings, monitoring = stage.settings.endpoint, stage.settings.monitoring
    target = settings.target_invocations_per_minute
    # The window does not begin with a new fleet: it starts with as many instances as its first minute needs.
    running = max(settings.min_instances, instances_needed(float(traffic.rates[0]), target))
    return simulate_endpoint(
        arrivals,
        sent,
        seconds=traffic.seconds,
        limits=EndpointLimits(
            service_seconds=1 / stage.measured.instance_rate(settings.instance_type),
            variation=stage.measured.detector.variation,
            fixed_seconds=stage.measured.fixed_seconds,
            queue_seconds=stage.measured.assumed.server_queue_seconds,
            timeout_seconds=stage.settings.function.detector_timeout_seconds,
            start_seconds=stage.measured.assumed.instance_start_seconds,
            least_instances=settings.min_instances,
            most_instances=settings.max_instances,
            initial_instances=min(running, settings.max_instances),
        ),
        tracking=TargetTracking(
            target=target,
            out_cooldown_seconds=settings.scale_out_cooldown_seconds,
            in_cooldown_seconds=settings.scale_in_cooldown_seconds,
        ),
        step=LatencyStep(
            limit_seconds=monitoring.model_latency_p95_ms / 1000,
            step=settings.latency_scale_out_instances,
            cooldown_seconds=settings.scale_out_cooldown_seconds,
        ),
        random=random,
    )


def _copy_limits(inference: Copied, plans_per_second: float, stage: ServedStage) -> CopyLimits:
    assumed, settings = stage.measured.assumed, stage.settings
    match inference:
        case "serverless":
            most, cold_start_seconds = settings.serverless.max_concurrency, assumed.serverless_cold_start_seconds
        case "lambda":
            most, cold_start_seconds = stage.copies, assumed.function_cold_start_seconds
        case _:
            assert_never(inference)
    seconds = stage.measured.copy_seconds(copy_memory_mb(stage, inference))
    # As with the endpoint, the first minute's copies exist already, if plans come often enough to keep them.
    kept = plans_per_second * assumed.idle_seconds > 1
    return CopyLimits(
        service_seconds=seconds,
        variation=stage.measured.detector.variation,
        fixed_seconds=stage.measured.fixed_seconds,
        timeout_seconds=stage.settings.function.detector_timeout_seconds,
        most_copies=most,
        initial_copies=min(most, copies_in_use(plans_per_second, seconds, 2)) if kept else 0,
        idle_seconds=assumed.idle_seconds,
        cold_start_seconds=cold_start_seconds,
    )
