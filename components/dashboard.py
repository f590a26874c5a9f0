"""The CloudWatch dashboard: the state of every alarm, and the metrics behind them, one row per tier.

To add a graph: the metric from `metrics.py`, in its tier's function here.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components.metrics import (
    TABLE_OPERATIONS,
    Metric,
    api_metric,
    endpoint_metric,
    function_metric,
    instance_metric,
    own_metric,
    state_machine_metric,
    table_metric,
)
from components.naming import Names

# The dashboard's grid is 24 units wide.
_GRID_WIDTH = 24
_ALARMS_HEIGHT = 3
_GRAPH_HEIGHT = 6


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph: its title and its metrics, in one unit."""

    title: str
    metrics: Sequence[Metric]


def dashboard_body(
    names: Names,
    *,
    alarm_arns: Sequence[str],
    api_stage_name: str,
    variant_name: str | None,
    instances: bool,
    detector_function: bool,
    retraining: bool,
) -> dict[str, Any]:
    """The dashboard's body: the alarms' states on top, then each row of graphs across the whole width.

    Args:
        api_stage_name: API Gateway's stage.
        variant_name: of the endpoint; None if there is none.
        instances: whether the endpoint has instances to watch; a serverless one has not.
        detector_function: whether the detector is a separate function.
        retraining: whether the stage has the state machine that retrains the detector.
    """
    rows = [
        *_blueprint_graphs(names.stage),
        _api_graphs(names.api, api_stage_name),
        _function_graphs(names.function, "Function"),
    ]
    if variant_name is not None:
        rows.append(_endpoint_graphs(names.endpoint, variant_name, instances))
    if detector_function:
        rows.append(_function_graphs(names.detector_function, "Detector"))
    rows.append(_table_graphs(names.table))
    if retraining:
        rows.append(_retraining_graphs(names.state_machine_arn(names.retraining)))
    return {"widgets": _widgets(names.region, alarm_arns, rows)}


def _blueprint_graphs(stage: str) -> list[list[Graph]]:
    """Graphs of what the service does for its users, from the function's own metrics."""
    work = ("BlueprintsUploaded", "BlueprintsProcessed", "ProcessingFailures")
    return [
        [
            Graph(title="Blueprints", metrics=[own_metric(stage, name) for name in work]),
            Graph(title="Rooms found", metrics=[own_metric(stage, "RoomsDetected")]),
            Graph(
                title="Detection as the function sees it (ms)",
                metrics=[own_metric(stage, "DetectionTime", s, "Milliseconds") for s in ("p50", "p95", "Maximum")],
            ),
        ],
        [
            Graph(title="Error answers", metrics=[own_metric(stage, n) for n in ("ClientErrors", "ServerErrors")]),
            Graph(
                title="Size of an upload (bytes)",
                metrics=[own_metric(stage, "UploadedBytes", s, "Bytes") for s in ("Average", "p95", "Maximum")],
            ),
        ],
    ]


def _api_graphs(api: str, stage: str) -> list[Graph]:
    return [
        Graph(title="API requests", metrics=[api_metric(api, stage, n) for n in ("Count", "4XXError", "5XXError")]),
        Graph(
            title="API latency (ms)",
            metrics=[
                *(api_metric(api, stage, "Latency", p, "Milliseconds") for p in ("p50", "p95", "p99")),
                api_metric(api, stage, "IntegrationLatency", "p95", "Milliseconds"),
            ],
        ),
    ]


def _function_graphs(function: str, who: str) -> list[Graph]:
    return [
        Graph(
            title=f"{who} calls",
            metrics=[function_metric(function, name) for name in ("Invocations", "Errors", "Throttles")],
        ),
        Graph(
            title=f"{who} duration (ms)",
            metrics=[function_metric(function, "Duration", s, "Milliseconds") for s in ("Average", "p95", "Maximum")],
        ),
        Graph(
            title=f"Concurrent {who.lower()}s",
            metrics=[function_metric(function, "ConcurrentExecutions", "Maximum")],
        ),
    ]


def _endpoint_graphs(endpoint: str, variant: str, instances: bool) -> list[Graph]:
    counts = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors")
    return [
        Graph(title="Detector calls", metrics=[endpoint_metric(endpoint, variant, name) for name in counts]),
        Graph(
            title="Detector latency (microseconds)",
            metrics=[
                *(endpoint_metric(endpoint, variant, "ModelLatency", p, "Microseconds") for p in ("p50", "p95", "p99")),
                endpoint_metric(endpoint, variant, "OverheadLatency", "p95", "Microseconds"),
            ],
        ),
        _instance_graph(endpoint, variant) if instances else _concurrency_graph(endpoint, variant),
    ]


def _instance_graph(endpoint: str, variant: str) -> Graph:
    return Graph(
        title="Detector instances (% of one vCPU)",
        metrics=[instance_metric(endpoint, variant, name) for name in ("CPUUtilization", "MemoryUtilization")],
    )


def _concurrency_graph(endpoint: str, variant: str) -> Graph:
    return Graph(
        title="Concurrent detectors (share of the limit)",
        metrics=[endpoint_metric(endpoint, variant, "ServerlessConcurrentExecutionsUtilization", "Maximum")],
    )


def _table_graphs(table: str) -> list[Graph]:
    def metrics(*names: str) -> list[Metric]:
        return [table_metric(table, name) for name in names]

    return [
        Graph(
            title="Table capacity used (units per minute)",
            metrics=metrics("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
        ),
        Graph(title="Table throttles", metrics=metrics("ReadThrottleEvents", "WriteThrottleEvents")),
        Graph(
            title="Table system errors",
            metrics=[table_metric(table, "SystemErrors", operation) for operation in TABLE_OPERATIONS],
        ),
    ]


def _retraining_graphs(state_machine_arn: str) -> list[Graph]:
    counts = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed")
    return [Graph(title="Retrainings", metrics=[state_machine_metric(state_machine_arn, name) for name in counts])]


def _widgets(region: str, alarm_arns: Sequence[str], rows: Sequence[Sequence[Graph]]) -> list[dict[str, Any]]:
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
    return widgets


def _line(metric: Metric) -> list[Any]:
    dimensions = [part for dimension in metric.dimensions.items() for part in dimension]
    options = {"stat": metric.statistic, "period": metric.period_seconds, "label": _label(metric)}
    return [metric.namespace, metric.name, *dimensions, options]


def _label(metric: Metric) -> str:
    operation = metric.dimensions.get("Operation")
    name = f"{metric.name} {operation}" if operation else metric.name
    return name if metric.statistic == "Sum" else f"{name} {metric.statistic}"
