import json
from typing import Any

import pytest

from components.metrics import function_metric
from components.monitoring import MonitoredEndpoint, Monitoring, MonitoringArgs
from components.naming import Names
from components.settings.groups import MonitoringSettings
from tests.components.recorder import Graph, build

TOPIC = "arn:aws:sns:us-east-2:123456789012:room-detection-alarms-dev"
SCALE_OUT = "arn:scaling-policy"
FUNCTION = {"FunctionName": "room-detection-ai-handler-dev"}
DETECTOR = {"FunctionName": "room-detection-ai-detector-dev"}
ENDPOINT = {"EndpointName": "room-detection-yolov8-endpoint-dev", "VariantName": "AllTraffic"}
TABLE = {"TableName": "room-detection-status-dev"}
RETRAINING = {"StateMachineArn": "arn:aws:states:us-east-2:123456789012:stateMachine:room-detection-retraining-dev"}
API = {"ApiName": "room-detection-api-dev", "Stage": "prod"}
WITH_ENDPOINT = MonitoredEndpoint(
    variant_name="AllTraffic",
    instance_type="ml.c5.xlarge",
    scale_out_policy_arn=SCALE_OUT,
    rollback_alarm_names=["room-detection-EndpointRollbackErrors-dev"],
)


def monitoring(
    names: Names,
    tags: dict[str, str],
    settings: MonitoringSettings | None = None,
    endpoint: MonitoredEndpoint | None = WITH_ENDPOINT,
    detector_function: bool = False,
) -> Graph:
    args = MonitoringArgs(
        names=names,
        settings=settings or MonitoringSettings(),
        api_stage_name="prod",
        endpoint=endpoint,
        detector_function=detector_function,
        retraining=endpoint is not None,
        topic_arn=TOPIC,
        tags=tags,
    )
    return build(lambda: Monitoring("monitoring", args))


@pytest.mark.parametrize(
    ("alarm", "measured"),
    [
        ("HighErrorRate", ("AWS/Lambda", "Errors", FUNCTION, "Sum", "Count", 5, 300, 1)),
        ("HighLatency", ("AWS/SageMaker", "ModelLatency", ENDPOINT, "p95", "Microseconds", 500_000, 60, 3)),
        ("LowEndpointHealth", ("AWS/SageMaker", "Invocation5XXErrors", ENDPOINT, "Sum", "None", 3, 60, 1)),
        ("FunctionDuration", ("AWS/Lambda", "Duration", FUNCTION, "Average", "Milliseconds", 5000, 300, 1)),
        ("FunctionThrottles", ("AWS/Lambda", "Throttles", FUNCTION, "Sum", "Count", 0, 300, 1)),
        (
            "EndpointCpu",
            ("/aws/sagemaker/Endpoints", "CPUUtilization", ENDPOINT, "Average", "Percent", 280, 300, 1),
        ),
        ("TableReadThrottles", ("AWS/DynamoDB", "ReadThrottleEvents", TABLE, "Sum", "Count", 0, 300, 1)),
        ("TableWriteThrottles", ("AWS/DynamoDB", "WriteThrottleEvents", TABLE, "Sum", "Count", 0, 300, 1)),
        ("RetrainingFailed", ("AWS/States", "ExecutionsFailed", RETRAINING, "Sum", "Count", 0, 300, 1)),
        ("ApiLatency", ("AWS/ApiGateway", "Latency", API, "p95", "Milliseconds", 10_000, 300, 1)),
    ],
)
def test_an_alarm_watches_its_metric_as_aws_publishes_it(
    names: Names, tags: dict[str, str], alarm: str, measured: tuple[Any, ...]
) -> None:
    inputs = monitoring(names, tags).alarm(alarm)
    assert (
        inputs["namespace"],
        inputs["metricName"],
        inputs["dimensions"],
        inputs.get("extendedStatistic") or inputs["statistic"],
        inputs["unit"],
        inputs["threshold"],
        inputs["period"],
        inputs["evaluationPeriods"],
    ) == measured
    assert ("statistic" in inputs) != ("extendedStatistic" in inputs), "a percentile is an extended statistic"


@pytest.mark.parametrize(
    ("alarm", "namespace", "part", "whole", "dimensions", "unit", "threshold"),
    [
        ("FunctionErrorRate", "AWS/Lambda", "Errors", "Invocations", FUNCTION, "Count", 1),
        ("EndpointClientErrorRate", "AWS/SageMaker", "Invocation4XXErrors", "Invocations", ENDPOINT, "None", 1),
        ("EndpointServerErrorRate", "AWS/SageMaker", "Invocation5XXErrors", "Invocations", ENDPOINT, "None", 0.1),
        ("ApiClientErrorRate", "AWS/ApiGateway", "4XXError", "Count", API, "Count", 5),
        ("ApiServerErrorRate", "AWS/ApiGateway", "5XXError", "Count", API, "Count", 1),
    ],
)
def test_a_rate_is_a_share_in_percent_and_0_without_calls(
    names: Names,
    tags: dict[str, str],
    alarm: str,
    namespace: str,
    part: str,
    whole: str,
    dimensions: dict[str, str],
    unit: str,
    threshold: float,
) -> None:
    inputs = monitoring(names, tags).alarm(alarm)
    *metrics, result = inputs["metricQueries"]
    assert inputs["threshold"] == threshold
    assert (result["expression"], result["returnData"]) == ("IF(whole > 0, 100 * part / whole, 0)", True)
    common = {"namespace": namespace, "dimensions": dimensions, "period": 300, "stat": "Sum", "unit": unit}
    assert metrics == [
        {"id": "part", "metric": {"metricName": part, **common}, "returnData": False},
        {"id": "whole", "metric": {"metricName": whole, **common}, "returnData": False},
    ]
    assert not inputs.keys() & {"metricName", "namespace", "dimensions", "period", "statistic", "unit"}


def test_dynamodbs_own_errors_are_counted_by_operation_the_only_way_they_exist(
    names: Names, tags: dict[str, str]
) -> None:
    *metrics, result = monitoring(names, tags).alarm("TableSystemErrors")["metricQueries"]
    assert result["expression"] == "FILL(getitem, 0) + FILL(putitem, 0) + FILL(updateitem, 0)"
    assert [query["id"] for query in metrics] == ["getitem", "putitem", "updateitem"]
    assert [query["metric"]["dimensions"] for query in metrics] == [
        TABLE | {"Operation": "GetItem"},
        TABLE | {"Operation": "PutItem"},
        TABLE | {"Operation": "UpdateItem"},
    ]
    assert {query["metric"]["metricName"] for query in metrics} == {"SystemErrors"}


def test_every_alarm_notifies_the_topic_when_it_begins_and_when_it_ends(names: Names, tags: dict[str, str]) -> None:
    for alarm in monitoring(names, tags).all("metricAlarm:MetricAlarm"):
        assert alarm.inputs["alarmActions"][0] == TOPIC, alarm.name
        assert alarm.inputs["okActions"] == [TOPIC], alarm.name
        assert alarm.inputs["comparisonOperator"] == "GreaterThanThreshold", alarm.name
        assert alarm.inputs["alarmDescription"], alarm.name
        assert alarm.inputs["tags"] == tags, alarm.name


def test_missing_data_is_a_fault_only_for_the_instances_which_always_report(names: Names, tags: dict[str, str]) -> None:
    alarms = monitoring(names, tags).all("metricAlarm:MetricAlarm")
    silent = {alarm.name for alarm in alarms if alarm.inputs["treatMissingData"] == "breaching"}
    assert silent == {"monitoring-EndpointCpu"}
    assert {a.inputs["treatMissingData"] for a in alarms if a.name not in silent} == {"notBreaching"}


def test_the_dashboard_shows_what_the_service_does_for_its_users(names: Names, tags: dict[str, str]) -> None:
    body = monitoring(names, tags, endpoint=None).document("dashboard:Dashboard", key="dashboardBody")
    lines = {
        widget["properties"]["title"]: [(line[1], line[-1]["stat"]) for line in widget["properties"]["metrics"]]
        for widget in body["widgets"]
        if widget["type"] == "metric" and widget["properties"]["metrics"][0][0] == "RoomDetection"
    }
    assert lines == {
        "Blueprints": [("BlueprintsUploaded", "Sum"), ("BlueprintsProcessed", "Sum"), ("ProcessingFailures", "Sum")],
        "Rooms found": [("RoomsDetected", "Sum")],
        "Detection as the function sees it (ms)": [("DetectionTime", s) for s in ("p50", "p95", "Maximum")],
        "Error answers": [("ClientErrors", "Sum"), ("ServerErrors", "Sum")],
        "Size of an upload (bytes)": [("UploadedBytes", s) for s in ("Average", "p95", "Maximum")],
    }


def test_high_latency_also_adds_an_instance_and_no_other_alarm_scales(names: Names, tags: dict[str, str]) -> None:
    graph = monitoring(names, tags)
    assert graph.alarm("HighLatency")["alarmActions"] == [TOPIC, SCALE_OUT]
    scaling = [a.name for a in graph.all("metricAlarm:MetricAlarm") if SCALE_OUT in a.inputs["alarmActions"]]
    assert scaling == ["monitoring-HighLatency"]


def test_the_cpu_limit_counts_every_vcpu_of_the_instance_type(names: Names, tags: dict[str, str]) -> None:
    larger = MonitoredEndpoint(
        variant_name="AllTraffic",
        instance_type="ml.c5.2xlarge",
        scale_out_policy_arn=SCALE_OUT,
        rollback_alarm_names=[],
    )
    settings = MonitoringSettings(endpoint_cpu_percent=50)
    assert monitoring(names, tags, settings, larger).alarm("EndpointCpu")["threshold"] == 50 * 8


def test_the_limits_are_settings_in_the_units_people_use(names: Names, tags: dict[str, str]) -> None:
    settings = MonitoringSettings(
        model_latency_p95_ms=250, function_duration_seconds=2.5, api_latency_p95_seconds=4, function_errors=9
    )
    graph = monitoring(names, tags, settings)
    limits = {
        alarm: graph.alarm(alarm)["threshold"]
        for alarm in ("HighLatency", "FunctionDuration", "ApiLatency", "HighErrorRate")
    }
    assert limits == {"HighLatency": 250_000, "FunctionDuration": 2500, "ApiLatency": 4000, "HighErrorRate": 9}


def test_without_an_endpoint_nothing_watches_it(names: Names, tags: dict[str, str]) -> None:
    graph = monitoring(names, tags, endpoint=None)
    assert len(graph.all("metricAlarm:MetricAlarm")) == 10
    assert not [a for a in graph.all("metricAlarm:MetricAlarm") if "SageMaker" in str(a.inputs)]
    assert "AWS/SageMaker" not in graph.inputs("dashboard:Dashboard")["dashboardBody"]


def test_a_serverless_endpoint_is_watched_without_instances_and_scales_nothing(
    names: Names, tags: dict[str, str]
) -> None:
    graph = monitoring(names, tags, endpoint=MonitoredEndpoint(variant_name="AllTraffic"))
    assert graph.alarm("HighLatency")["alarmActions"] == [TOPIC]
    assert "instance" not in graph.alarm("HighLatency")["alarmDescription"]
    assert not [alarm for alarm in graph.all("metricAlarm:MetricAlarm") if alarm.name.endswith("EndpointCpu")]
    body = graph.inputs("dashboard:Dashboard")["dashboardBody"]
    assert "CPUUtilization" not in body, "a serverless endpoint does not publish it"
    assert "ServerlessConcurrentExecutionsUtilization" in body


@pytest.mark.parametrize(
    ("alarm", "measured"),
    [
        ("HighLatency", ("Duration", "p95", "Milliseconds", 500, 60, 3)),
        ("DetectorErrors", ("Errors", "Sum", "Count", 3, 60, 1)),
        ("DetectorThrottles", ("Throttles", "Sum", "Count", 0, 300, 1)),
    ],
)
def test_a_detector_that_is_a_function_is_watched_as_one(
    names: Names, tags: dict[str, str], alarm: str, measured: tuple[Any, ...]
) -> None:
    inputs = monitoring(names, tags, endpoint=None, detector_function=True).alarm(alarm)
    assert (inputs["namespace"], inputs["dimensions"]) == ("AWS/Lambda", DETECTOR)
    assert (
        inputs["metricName"],
        inputs.get("extendedStatistic") or inputs["statistic"],
        inputs["unit"],
        inputs["threshold"],
        inputs["period"],
        inputs["evaluationPeriods"],
    ) == measured


def test_the_rate_of_a_detectors_failed_calls_is_watched(names: Names, tags: dict[str, str]) -> None:
    inputs = monitoring(names, tags, endpoint=None, detector_function=True).alarm("DetectorErrorRate")
    assert [query["metric"]["metricName"] for query in inputs["metricQueries"][:2]] == ["Errors", "Invocations"]
    assert {str(query["metric"]["dimensions"]) for query in inputs["metricQueries"][:2]} == {str(DETECTOR)}
    assert inputs["threshold"] == 0.1


def test_the_dashboard_has_a_row_for_a_detector_that_is_a_function(names: Names, tags: dict[str, str]) -> None:
    graph = monitoring(names, tags, endpoint=None, detector_function=True)
    body = graph.document("dashboard:Dashboard", key="dashboardBody")
    titles = [widget["properties"]["title"] for widget in body["widgets"]]
    assert {"Detector calls", "Detector duration (ms)", "Concurrent detectors"} <= set(titles)
    assert "AWS/SageMaker" not in json.dumps(body)


def test_the_dashboard_shows_the_state_of_every_alarm(names: Names, tags: dict[str, str]) -> None:
    graph = monitoring(names, tags)
    body = graph.document("dashboard:Dashboard", key="dashboardBody")
    (states,) = [widget for widget in body["widgets"] if widget["type"] == "alarm"]
    own = {alarm.inputs["name"] for alarm in graph.all("metricAlarm:MetricAlarm")}
    prefix = "arn:aws:cloudwatch:us-east-2:123456789012:alarm:"
    assert {arn.removeprefix(prefix) for arn in states["properties"]["alarms"]} == own | {
        "room-detection-EndpointRollbackErrors-dev"
    }


def test_the_dashboard_draws_every_metric_that_an_alarm_watches_and_the_documents_others(
    names: Names, tags: dict[str, str]
) -> None:
    graph = monitoring(names, tags)
    drawn = {
        (line[0], line[1])
        for widget in graph.document("dashboard:Dashboard", key="dashboardBody")["widgets"]
        if widget["type"] == "metric"
        for line in widget["properties"]["metrics"]
    }
    watched = set()
    for alarm in graph.all("metricAlarm:MetricAlarm"):
        metrics = [query["metric"] for query in alarm.inputs.get("metricQueries", []) if "metric" in query]
        watched |= {(metric["namespace"], metric["metricName"]) for metric in metrics or [alarm.inputs]}
    listed = {("AWS/DynamoDB", "ConsumedReadCapacityUnits"), ("AWS/DynamoDB", "ConsumedWriteCapacityUnits")}
    assert watched | listed <= drawn


def test_the_dashboards_widgets_fill_the_grid_and_do_not_overlap(names: Names, tags: dict[str, str]) -> None:
    widgets = monitoring(names, tags).document("dashboard:Dashboard", key="dashboardBody")["widgets"]
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("seconds", [7, 30, 90])
def test_a_period_that_cloudwatch_does_not_accept_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match=f"period_seconds: {seconds} is not allowed: must be a multiple of 60"):
        function_metric("a-function", "Errors").over(seconds)
