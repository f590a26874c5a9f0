"""Which inference is cheapest, and where that changes."""

import numpy as np

from components.naming import Inference
from operations.capacity.bills import total
from operations.capacity.comparison import Crossing, bill_at, cost_curves, crossings, scenarios
from tests.operations.capacity.stages import stage


def test_a_crossing_is_where_the_endpoint_stops_costing_more():
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


def test_the_curves_show_the_bills():
    volumes, costs = cost_curves(stage())
    for inference, dollars in costs.items():
        assert dollars[100] == total(bill_at(stage(), inference, float(volumes[100])))
        assert (np.diff(dollars) >= -0.9).all(), "but for the alarms that a table on demand lacks"


def test_a_faster_core_makes_a_plan_cheaper():
    costs = {name: total(bill_at(assumed, "lambda", 1e6)) for name, assumed in scenarios(stage()).items()}
    expected, slower, faster, whole_vcpus = costs.values()
    assert slower > expected > faster
    assert expected > whole_vcpus
