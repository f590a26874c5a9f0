"""The cases that are simulated: a volume, a shape of traffic, a mode of the detector, and settings as set or advised."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from operations.capacity.advice import advised, instances_needed
from operations.capacity.bills import detector_lines, total
from operations.capacity.copies import CopyLimits, copies_in_use, simulate_copies
from operations.capacity.endpoint import EndpointLimits, simulate_endpoint
from operations.capacity.measurements import MB_PER_GB, Measurements
from operations.capacity.outcome import Summary
from operations.capacity.prices import PriceList
from operations.capacity.queueing import throttle
from operations.capacity.scaling import LatencyStep, TargetTracking
from operations.capacity.stage import MODES, REQUESTS_PER_PLAN, Mode, ServedStage
from operations.capacity.traffic import SHAPES, VOLUMES, Traffic

Variant = Literal["as set", "as advised"]
VARIANTS: tuple[Variant, ...] = ("as set", "as advised")

# How long a client tries again after a 429.
PATIENCE_SECONDS = 30.0
# The server answers 503 to a request that would wait longer.
QUEUE_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """One simulation."""

    volume: str
    shape: str
    mode: Mode
    variant: Variant

    @property
    def plans_per_month(self) -> float:
        return VOLUMES[self.volume]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a case; `detector_usd` is the detector's part of the bill for the simulated window."""

    case: Case
    summary: Summary
    detector_usd: float

    def as_json(self) -> dict[str, Any]:
        case = self.case
        return {
            "volume": case.volume,
            "shape": case.shape,
            "mode": case.mode,
            "variant": case.variant,
            "detector_usd": round(self.detector_usd, 4),
            **self.summary.as_json(),
        }


def all_cases() -> Iterator[Case]:
    """Every volume with every shape, mode and variant."""
    for volume in VOLUMES:
        for shape in SHAPES:
            for mode in MODES:
                for variant in VARIANTS:
                    yield Case(volume=volume, shape=shape, mode=mode, variant=variant)


def stage_of(case: Case, stage: ServedStage, measured: Measurements) -> ServedStage:
    """The stage as it is, or as the case's traffic would have it; a launch is prepared for."""
    if case.variant == "as set":
        return stage
    peak = float(SHAPES[case.shape](case.plans_per_month).rates.max())
    return advised(stage, case.mode, peak, measured, ahead=case.shape == "launch")


def simulate(case: Case, stage: ServedStage, measured: Measurements, prices: PriceList) -> Result:
    """Runs one case. The same case gives the same result: its random numbers follow from its names."""
    stage = stage_of(case, stage, measured)
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
    if case.mode == "endpoint":
        summary = _endpoint(traffic, arrivals, sent, stage, measured, random)
    else:
        limits = _copy_limits(case.mode, float(traffic.rates[0]), stage, measured)
        summary = simulate_copies(arrivals, sent, seconds=traffic.seconds, limits=limits, random=random)
    return Result(case=case, summary=summary, detector_usd=_detector_usd(case, summary, stage, measured, prices))


def _endpoint(
    traffic: Traffic,
    arrivals: np.ndarray,
    sent: np.ndarray,
    stage: ServedStage,
    measured: Measurements,
    random: np.random.Generator,
) -> Summary:
    settings, monitoring = stage.settings.endpoint, stage.settings.monitoring
    target = settings.target_invocations_per_minute
    # The window does not begin with the fleet's first hour: it has as many as its first minute asks for.
    running = max(settings.min_instances, instances_needed(float(traffic.rates[0]), target))
    return simulate_endpoint(
        arrivals,
        sent,
        seconds=traffic.seconds,
        limits=EndpointLimits(
            service_seconds=1 / measured.instance_rate(settings.instance_type),
            variation=measured.detector.variation,
            fixed_seconds=measured.fixed_seconds,
            queue_seconds=QUEUE_SECONDS,
            timeout_seconds=stage.settings.function.detector_timeout_seconds,
            start_seconds=measured.assumed.instance_start_seconds,
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


def _copy_limits(mode: Mode, plans_per_second: float, stage: ServedStage, measured: Measurements) -> CopyLimits:
    serverless = mode == "serverless"
    assumed = measured.assumed
    seconds = measured.copy_seconds(stage.serverless_memory_mb if serverless else stage.detector_memory_mb)
    most = stage.serverless_concurrency if serverless else stage.copies
    # As with the endpoint, what the first minute needs is there, if plans come often enough to keep it.
    kept = plans_per_second * assumed.idle_seconds > 1
    return CopyLimits(
        service_seconds=seconds,
        variation=measured.detector.variation,
        fixed_seconds=measured.fixed_seconds,
        timeout_seconds=stage.settings.function.detector_timeout_seconds,
        most_copies=most,
        initial_copies=min(most, copies_in_use(plans_per_second, seconds, 2)) if kept else 0,
        idle_seconds=assumed.idle_seconds,
        cold_start_seconds=assumed.serverless_cold_start_seconds if serverless else assumed.function_cold_start_seconds,
    )


def _detector_usd(case: Case, summary: Summary, stage: ServedStage, measured: Measurements, prices: PriceList) -> float:
    """Dollars of the detector in the window, at the first tier's prices."""
    if case.mode == "endpoint":
        hours = summary.instance_hours
        return total(detector_lines(stage, "endpoint", summary.answered, measured, prices, instance_hours=hours))
    seconds = summary.compute_seconds
    if case.mode == "serverless":
        return prices.cost("serverless.compute", seconds * stage.serverless_memory_mb / MB_PER_GB)
    return prices.cost("lambda.compute", seconds * stage.detector_memory_mb / MB_PER_GB)
