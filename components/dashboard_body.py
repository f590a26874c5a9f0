"""The CloudWatch dashboard: the state of every alarm, and the metrics behind them, one row per tier.

Which graphs there are is listed in `monitoring`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components.metrics import Metric

# The dashboard's grid is 24 units wide.
_GRID_WIDTH = 24
_ALARMS_HEIGHT = 3
_GRAPH_HEIGHT = 6


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph: its title and its metrics, in one unit."""

    title: str
    metrics: Sequence[Metric]


def dashboard_body(*, region: str, alarm_arns: Sequence[str], rows: Sequence[Sequence[Graph]]) -> dict[str, Any]:
    """The dashboard's body: the alarms' states on top, then each row of graphs across the whole width."""
    widgets: list[dict[str, Any]] = [
        {
            "type": "alarm",
            "x": 0,
            "y": 0,
            "width": _GRID_WIDTH,
            "height": _ALARMS_HEIGHT,
            "properties": {"title": "Alarms", "alarms": list(alarm_arns)},
        }
    ]
    for row_number, row in enumerate(rows):
        width = _GRID_WIDTH // len(row)
        widgets += [
            {
                "type": "metric",
                "x": column * width,
                "y": _ALARMS_HEIGHT + row_number * _GRAPH_HEIGHT,
                "width": width,
                "height": _GRAPH_HEIGHT,
                "properties": {
                    "title": graph.title,
                    "region": region,
                    "view": "timeSeries",
                    "metrics": [_line(metric) for metric in graph.metrics],
                },
            }
            for column, graph in enumerate(row)
        ]
    return {"widgets": widgets}


def _line(metric: Metric) -> list[Any]:
    dimensions = [part for dimension in metric.dimensions.items() for part in dimension]
    options = {"stat": metric.statistic, "period": metric.period_seconds, "label": _label(metric)}
    return [metric.namespace, metric.name, *dimensions, options]


def _label(metric: Metric) -> str:
    operation = metric.dimensions.get("Operation")
    name = f"{metric.name} {operation}" if operation else metric.name
    return name if metric.statistic == "Sum" else f"{name} {metric.statistic}"
