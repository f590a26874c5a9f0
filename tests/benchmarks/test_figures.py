"""A figure knows its median and whether that reaches its target."""

import pytest

from benchmarks.figures import Figure


@pytest.mark.parametrize(
    ("bounds", "reached", "target"),
    [
        ({}, None, ""),
        ({"at_most": 2}, True, "<= 2 x"),
        ({"at_most": 1.9}, False, "missed <= 1.9 x"),
        ({"at_least": 2}, True, ">= 2 x"),
        ({"at_least": 3}, False, "missed >= 3 x"),
    ],
)
def test_the_median_is_compared_with_the_target(bounds: dict[str, float], reached: bool | None, target: str):
    figure = Figure(name="rate", unit="x", values=[9.0, 1.0, 2.0], **bounds)
    assert (figure.median, figure.reached, figure.target) == (2.0, reached, target)
