"""The cost of the three kinds of inference by volume: which is cheapest, and where that changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from components.naming import Inference
from operations.capacity.advice import advised
from operations.capacity.bills import Line, monthly_bill, total
from operations.capacity.measurements import CORE_SPEED
from operations.capacity.stage import INFERENCES, ServedStage
from operations.capacity.traffic import VOLUMES, day_rates

LEAST_PLANS, MOST_PLANS = 1_000.0, max(VOLUMES.values())
GRID_POINTS = 240


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """From `plans` a month on, `second` costs no more than `first`; None if no volume up to the maximum does."""

    first: Inference
    second: Inference
    plans: float | None


def bill_at(stage: ServedStage, inference: Inference, plans: float) -> list[Line]:
    """The bill of a month with so many plans, with the settings that this volume needs."""
    fitting = advised(stage, inference, float(day_rates(plans).max()), ahead=False)
    return monthly_bill(fitting, inference, plans)


def cost_curves(stage: ServedStage) -> tuple[np.ndarray, Mapping[Inference, np.ndarray]]:
    """Plans a month, evenly spread over the decades, shape (GRID_POINTS,), and each inference's dollars there."""
    volumes = np.geomspace(LEAST_PLANS, MOST_PLANS, GRID_POINTS)
    costs: dict[Inference, np.ndarray] = {
        inference: np.array([total(bill_at(stage, inference, float(plans))) for plans in volumes])
        for inference in INFERENCES
    }
    return volumes, costs


def crossings(volumes: np.ndarray, costs: Mapping[Inference, np.ndarray]) -> list[Crossing]:
    """The volumes from which the endpoint is cheaper, to the grid's step of some percent."""
    found: list[Crossing] = []
    for first in INFERENCES:
        if first != "endpoint":
            cheaper = np.flatnonzero(costs["endpoint"] <= costs[first])
            plans = float(volumes[cheaper[0]]) if len(cheaper) else None
            found.append(Crossing(first=first, second="endpoint", plans=plans))
    return found


def scenarios(stage: ServedStage) -> dict[str, ServedStage]:
    """The stage with the lowest and highest assumption for the speed of AWS's cores."""
    low, high = CORE_SPEED["low"], CORE_SPEED["high"]
    changed = {
        "core for core, as everywhere on this page": {},
        f"AWS's cores at {low:g} of the speed": {"core_speed": low},
        f"AWS's cores at {high:g} of the speed": {"core_speed": high},
        "a vCPU of Lambda is a whole core": {"vcpus_per_core_of_a_function": 1},
    }
    return {name: replace(stage, measured=stage.measured.model_copy(update=one)) for name, one in changed.items()}
