"""Which inference is cheapest, and where that changes."""

import numpy as np

from components.naming import Inference
from operations.capacity.bills import total
from operations.capacity.comparison import Crossing, bill_at, cost_curves, crossings, scenarios
from tests.operations.capacity.stages import MEASURED, PRICES, stage


def test_a_crossing_is_where_the_endpoint_first_costs_no_more():
    volumes = np.array([1.0, 2.0, 3.0, 4.0])
    costs: dict[Inference, np.ndarray] = {
        "endpoint": np.array([5.0, 5.0, 5.0, 5.0]),
        "serverless": np.array([1.0, 3.0, 5.0, 7.0]),
        "lambda": np.array([1.0, 2.0, 3.0, 4.0]),
    }
    assert crossings(volumes, costs) == [
        Crossing(first="serverless", second="endpoint", plans=3.0),
        Crossing(first="lambda", second="endpoint", plans=None),
    ]


def test_the_curves_are_the_bills():
    volumes, costs = cost_curves(stage(), MEASURED, PRICES)
    for inference, dollars in costs.items():
        assert dollars[100] == total(bill_at(stage(), inference, float(volumes[100]), MEASURED, PRICES))
        assert (np.diff(dollars) >= -0.9).all(), "but for the alarms that a table on demand lacks"


def test_a_faster_core_never_makes_a_plan_dearer():
    low, expected, high = (
        total(bill_at(stage(), "lambda", 1e6, assumed, PRICES))
        for assumed in sorted(scenarios(MEASURED).values(), key=lambda one: one.core_speed)[:3:1]
    )
    assert low > expected >= high
