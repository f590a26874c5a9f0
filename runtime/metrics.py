"""CloudWatch metrics in embedded metric format: one JSON line on stdout, no API call.

`_blueprint_graphs` of `components/dashboard.py` draws them. Dimensions are `service` and `stage`. The metrics:
`BlueprintsUploaded`, `UploadedBytes`, `BlueprintsProcessed`, `RoomsDetected`, `DetectionTime` (the detector's response
time as the function sees it), `ProcessingFailures`, and for all answers `ClientErrors` (4xx) and `ServerErrors` (5xx).
"""

from aws_lambda_powertools.metrics import Metrics, MetricUnit

from runtime.environment import Environment


class FunctionMetrics:
    """The metrics of one invocation, until `flush`."""

    def __init__(self, environment: Environment) -> None:
        self._metrics = Metrics(namespace=environment.metrics_namespace, service=environment.service)
        self._metrics.set_default_dimensions(stage=environment.stage)

    def count(self, name: str, number: int = 1) -> None:
        """Add `number` things."""
        self._metrics.add_metric(name, MetricUnit.Count, number)

    def size(self, name: str, number: int) -> None:
        """Add a size in bytes."""
        self._metrics.add_metric(name, MetricUnit.Bytes, number)

    def milliseconds(self, name: str, duration: float) -> None:
        """Add a duration in milliseconds."""
        self._metrics.add_metric(name, MetricUnit.Milliseconds, round(duration, 1))

    def flush(self) -> None:
        """Print what was counted, if anything."""
        if self._metrics.metric_set:
            self._metrics.flush_metrics()
