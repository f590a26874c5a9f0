"""Which inference is cheapest, and where that changes."""

import re
from pathlib import Path

import numpy as np

from components.naming import Inference
from operations.capacity.bills import total
from operations.capacity.comparison import Crossing, bill_at, cost_curves, crossings, scenarios
from operations.capacity.measurements import load_measurements
from operations.capacity.prices import load_prices
from operations.capacity.stage import read_stage
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


def test_the_dollars_of_the_readme_are_those_of_the_stage_dev():
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text()
    (said,) = [line for line in readme.splitlines() if "ten thousand plans a month" in line.lower()]
    dev = read_stage("dev", load_measurements(), load_prices())
    endpoint, serverless, function = (
        round(total(bill_at(dev, inference, 1e4))) for inference in ("endpoint", "serverless", "lambda")
    )
    assert serverless == function
    assert [int(dollars) for dollars in re.findall(r"\$(\d+)", said)] == [endpoint, function]
