"""Simulates a real-time endpoint over time: instances with one queue each, and the policies that add and remove them.

A discrete-event simulation. Its events are the minutes, in which CloudWatch gets its datapoints and the policies
decide, and the instances that have started; the requests between two events are served exactly, instance by instance,
by `queueing.serve`. SageMaker sends a request to an instance at random (its default; the other routing,
LEAST_OUTSTANDING_REQUESTS, would do better), refuses to change an endpoint that is still changing, and lets an
instance that it removes finish what it has.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from operations.capacity.outcome import Summary, requests
from operations.capacity.queueing import serve
from operations.capacity.scaling import Datapoint, LatencyStep, TargetTracking
from operations.capacity.traffic import MINUTE_SECONDS

# CloudWatch has the datapoint of a minute about a minute after its end.
METRIC_DELAY_MINUTES = 1


@dataclass(frozen=True, kw_only=True)
class EndpointLimits:
    """Parameters of a simulated endpoint.

    Attributes:
        service_seconds, variation: mean processing time of a request on an instance, and its relative standard
        deviation. fixed_seconds: the part of the latency that does not delay other requests.
        queue_seconds: a server refuses a request that would wait longer.
        timeout_seconds: the function stops waiting after this time.
        start_seconds: from the decision to an instance's first request.
    """

    service_seconds: float
    variation: float
    fixed_seconds: float
    queue_seconds: float
    timeout_seconds: float
    start_seconds: float
    least_instances: int
    most_instances: int
    initial_instances: int


@dataclass(kw_only=True)
class _Endpoint:
    environment: simpy.Environment
    limits: EndpointLimits
    tracking: TargetTracking
    step: LatencyStep
    random: np.random.Generator
    sent: np.ndarray
    waits: np.ndarray
    work: np.ndarray
    minutes: int
    free_at: list[float] = field(default_factory=list)
    starting: int = 0
    instances: list[int] = field(default_factory=list)
    paid_seconds: float = 0.0
    datapoints: list[Datapoint] = field(default_factory=list)

    def run_minutes(self) -> Generator[simpy.Event, Any, None]:
        for minute in range(self.minutes):
            paid = len(self.free_at) + self.starting
            self.instances.append(len(self.free_at))
            self.datapoints.append(self._serve_minute(minute))
            self.paid_seconds += paid * MINUTE_SECONDS
            yield self.environment.timeout(MINUTE_SECONDS)
            if minute >= METRIC_DELAY_MINUTES:
                self._scale(self.datapoints[minute - METRIC_DELAY_MINUTES])

    def _serve_minute(self, minute: int) -> Datapoint:
        first, last = np.searchsorted(self.sent, [minute * MINUTE_SECONDS, (minute + 1) * MINUTE_SECONDS])
        if first == last:
            return Datapoint(invocations=0, instances=len(self.free_at), p95_seconds=None)
        routed = self.random.integers(len(self.free_at), size=last - first)
        for instance in range(len(self.free_at)):
            mine = first + np.flatnonzero(routed == instance)
            waits, self.free_at[instance] = serve(
                self.sent[mine], self.work[mine], self.free_at[instance], self.limits.queue_seconds
            )
            self.waits[mine] = waits
        took = self.waits[first:last] + self.work[first:last]
        answered = took[~np.isnan(took)]
        return Datapoint(
            invocations=int(last - first),
            instances=len(self.free_at),
            p95_seconds=float(np.percentile(answered, 95)) if len(answered) else None,
        )

    def _scale(self, datapoint: Datapoint) -> None:
        now, running = self.environment.now, len(self.free_at)
        tracked = self.tracking.wanted(now, datapoint, running)
        stepped = self.step.wanted(now, datapoint, running)
        # If several policies want to change the number, the highest one applies.
        wanted = stepped if stepped > running and stepped > tracked else tracked
        wanted = min(self.limits.most_instances, max(self.limits.least_instances, wanted))
        change = wanted - running
        if change == 0 or self.starting:
            return
        self.tracking.scaled(now, change)
        self.step.scaled(now, change)
        if change > 0:
            self.starting = change  # billed and starting from now on
            self.environment.process(self._start(change))
        else:
            del self.free_at[change:]

    def _start(self, instances: int) -> Generator[simpy.Event, Any, None]:
        yield self.environment.timeout(self.limits.start_seconds)
        self.starting = 0
        self.free_at += [self.environment.now] * instances


def simulate_endpoint(
    arrivals: np.ndarray,
    sent: np.ndarray,
    *,
    seconds: float,
    limits: EndpointLimits,
    tracking: TargetTracking,
    step: LatencyStep,
    random: np.random.Generator,
) -> Summary:
    """The endpoint under a window's traffic.

    Args:
        arrivals: seconds at which plans were first sent, ascending, shape (n,).
        sent: when each passed the API; NaN for those that never did.
        seconds: the window; it starts with the initial instances, all idle.
    """
    passed = sent[~np.isnan(sent)]
    work = working_times(limits.service_seconds, limits.variation, len(passed), random)
    last = float(passed[-1]) if len(passed) else 0.0
    environment = simpy.Environment()
    endpoint = _Endpoint(
        environment=environment,
        limits=limits,
        tracking=tracking,
        step=step,
        random=random,
        sent=passed,
        waits=np.full(len(passed), np.nan),
        work=work,
        minutes=int(max(seconds, last + 1) // MINUTE_SECONDS) + (last >= seconds),
        free_at=[0.0] * limits.initial_instances,
    )
    environment.process(endpoint.run_minutes())
    environment.run()
    took = endpoint.waits + work + limits.fixed_seconds
    return requests(arrivals, sent, took, limits.timeout_seconds).summary(
        instances=np.array(endpoint.instances[: int(seconds // MINUTE_SECONDS)]),
        instance_hours=endpoint.paid_seconds / 3600,
    )


def working_times(mean: float, variation: float, count: int, random: np.random.Generator) -> np.ndarray:
    """`count` processing times in seconds: gamma distributed; all equal without variation."""
    if variation == 0:
        return np.full(count, mean)
    shape = 1 / variation**2
    return random.gamma(shape, mean / shape, count)
