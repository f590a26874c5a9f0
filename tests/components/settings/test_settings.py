import json
from typing import Any, get_args

import pytest
import yaml
from pulumi.runtime.mocks import MockResourceArgs

from components.naming import STAGE_RULE
from components.settings.groups import LambdaRuntime, SettingsGroup
from components.settings.stage import SettingsError, StageSettings, parse_settings
from images.validation_messages import describe
from program.run import run_program
from program.stage_file import ROOT, ProgramError, Stage, read_stage
from tests.components.recorder import DIGEST, STAGES, RecorderMocks

KEY = "room-detection:settings"

# Wrong settings, and the line that names them, without its beginning.
WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"table": {"minCapacity": 0}},
        "table.minCapacity: 0 is not allowed: must be an integer from 1 to 40000",
    ),
    (
        {"table": {"maxCapacity": 2}},
        "table.maxCapacity: 2 is not allowed: must be not below minCapacity (5)",
    ),
    (
        {"table": {"minCapacity": 200}},
        "table.maxCapacity: 100 is not allowed: must be not below minCapacity (200)",
    ),
    (
        {"table": {"readCapacity": 101}},
        "table.readCapacity: 101 is not allowed: must be from minCapacity (5) to maxCapacity (100)",
    ),
    (
        {"table": {"targetUtilizationPercent": 95}},
        "table.targetUtilizationPercent: 95 is not allowed: must be an integer from 20 to 90",
    ),
    ({"table": {"onDemand": "yes"}}, 'table.onDemand: "yes" is not allowed: must be true or false'),
    ({"table": {"minCapcity": 5}}, "table.minCapcity is not a setting: did you mean minCapacity?"),
    ({"table": {"min_capacity": 5}}, "table.min_capacity is not a setting: did you mean minCapacity?"),
    (
        {"colour": "blue"},
        "colour is not a setting: must be one of allowedOrigin, protect, permissionsBoundary, tags, "
        "inferenceImageDigest, inferenceImageTag, trainingImageDigest, trainingImageTag, storage, "
        "table, function, api, endpoint, inference, serverless, detectorFunction, training, retraining, "
        "batch, monitoring",
    ),
    (
        {"inference": "instances"},
        'inference: "instances" is not allowed: must be one of "endpoint", "serverless", "lambda"',
    ),
    (
        {"inference": "lambda", "endpoint": {"modelVersion": "retrained-20260728-101500"}},
        'inference: "lambda" is not allowed: must be one of "endpoint", "serverless" if endpoint.modelVersion is '
        "set: a function serves the model of its image",
    ),
    (
        {"serverless": {"memoryMb": 1500}},
        "serverless.memoryMb: 1500 is not allowed: must be an integer from 1024 to 6144 in steps of 1024",
    ),
    (
        {"serverless": {"maxConcurrency": 201}},
        "serverless.maxConcurrency: 201 is not allowed: must be an integer from 1 to 200",
    ),
    (
        {"detectorFunction": {"memoryMb": 256}},
        "detectorFunction.memoryMb: 256 is not allowed: must be an integer from 512 to 10240",
    ),
    (
        {"detectorFunction": {"reservedConcurrency": 0}},
        "detectorFunction.reservedConcurrency: 0 is not allowed: must be an integer from 1 to 1000",
    ),
    (
        {"endpoint": {"modelVersion": "jobs"}},
        'endpoint.modelVersion: "jobs" is not allowed: must be a published version such as retrained-20260728-101500',
    ),
    (
        {"function": {"memoryMb": 64}},
        "function.memoryMb: 64 is not allowed: must be an integer from 128 to 10240",
    ),
    (
        {"function": {"memoryMb": "512"}},
        'function.memoryMb: "512" is not allowed: must be an integer from 128 to 10240',
    ),
    (
        {"function": {"memoryMb": 512.5}},
        "function.memoryMb: 512.5 is not allowed: must be an integer from 128 to 10240",
    ),
    (
        {"function": {"memoryMb": True}},
        "function.memoryMb: true is not allowed: must be an integer from 128 to 10240",
    ),
    (
        {"function": {"timeoutSeconds": 901}},
        "function.timeoutSeconds: 901 is not allowed: must be an integer from 1 to 900",
    ),
    (
        {"function": {"timeoutSeconds": 15}},
        "function.detectorTimeoutSeconds: 20 is not allowed: must be below timeoutSeconds (15)",
    ),
    (
        {"function": {"detectorTimeoutSeconds": 29}},
        "function.detectorTimeoutSeconds: 29 is not allowed: must be an integer from 1 to 25",
    ),
    (
        {"function": {"runtime": "python3.8"}},
        'function.runtime: "python3.8" is not allowed: must be one of '
        + ", ".join(f'"{runtime}"' for runtime in get_args(LambdaRuntime)),
    ),
    ({"api": {"rateLimit": 0}}, "api.rateLimit: 0 is not allowed: must be a number from 0.01 to 10000"),
    (
        {"api": {"quotaPeriod": "HOUR"}},
        'api.quotaPeriod: "HOUR" is not allowed: must be one of "DAY", "WEEK", "MONTH"',
    ),
    (
        {"endpoint": {"instanceType": "c5.xlarge"}},
        'endpoint.instanceType: "c5.xlarge" is not allowed: must be an instance type that SageMaker has for endpoints: '
        "did you mean ml.c5.xlarge?",
    ),
    (
        {"endpoint": {"instanceType": "ml.t3.medium"}},
        'endpoint.instanceType: "ml.t3.medium" is not allowed: must be an instance type that SageMaker has for '
        "endpoints: did you mean ml.t2.medium?",
    ),
    (
        {"training": {"instanceType": "ml.t2.medium"}},
        'training.instanceType: "ml.t2.medium" is not allowed: must be an instance type that SageMaker has for '
        "training jobs: did you mean ml.t3.medium?",
    ),
    (
        {"retraining": {"evaluationInstanceType": "ml.t2.medium"}},
        'retraining.evaluationInstanceType: "ml.t2.medium" is not allowed: must be an instance type that SageMaker has '
        "for processing jobs: did you mean ml.t3.medium?",
    ),
    (
        {"batch": {"instanceType": "ml.t3.medium"}},
        'batch.instanceType: "ml.t3.medium" is not allowed: must be an instance type that SageMaker has for transform '
        "jobs, such as ml.m5.xlarge",
    ),
    (
        {"api": {"apiKeys": True, "clients": {"web": {"rateLimit": 0.001}}}},
        "api.clients.web.rateLimit: 0.001 is not allowed: must be a number from 0.01 to 10000",
    ),
    (
        {"api": {"apiKeys": True, "clients": {"The web": {}}}},
        "api.clients.The web is not allowed: its name must be 1 to 32 of a-z, 0-9 and -, a letter first",
    ),
    (
        {"api": {"clients": {"web": {}}}},
        'api.clients: {"web": {}} is not allowed: must be absent if apiKeys is false: a usage plan limits by key',
    ),
    (
        {"monitoring": {"functionErrorPercent": 100}},
        "monitoring.functionErrorPercent: 100 is not allowed: must be a number of at least 0 and below 100",
    ),
    (
        {"monitoring": {"apiLatencyP95Seconds": 29}},
        "monitoring.apiLatencyP95Seconds: 29 is not allowed: must be a number above 0 and below 29",
    ),
    (
        {"monitoring": {"functionDurationSeconds": 60}},
        'monitoring: {"functionDurationSeconds": 60} is not allowed: must be an object with '
        "functionDurationSeconds below function.timeoutSeconds (60), which ends every call",
    ),
    (
        {"inference": "lambda", "monitoring": {"modelLatencyP95Ms": 20000}},
        'monitoring: {"modelLatencyP95Ms": 20000} is not allowed: must be an object with modelLatencyP95Ms below '
        "function.detectorTimeoutSeconds (20000 ms), which ends every detection if inference is lambda",
    ),
    (
        {"protect": True},
        "monitoring: {} is not allowed: must be an object with subscriptions if protect is true: who is told "
        "of alarms, or none for nobody",
    ),
    (
        {"endpoint": {"updateTimeoutSeconds": 3600}},
        "endpoint.updateTimeoutSeconds: 3600 is not allowed: must be an integer from 600 to 3300",
    ),
    (
        {"endpoint": {"confidenceThreshold": 1.5}},
        "endpoint.confidenceThreshold: 1.5 is not allowed: must be a number from 0 to 1",
    ),
    (
        {"endpoint": {"iouThreshold": float("nan")}},
        "endpoint.iouThreshold: NaN is not allowed: must be a number from 0 to 1",
    ),
    (
        {"endpoint": {"views": 3}},
        "endpoint.views: 3 is not allowed: must be one of 1, 2, 4",
    ),
    (
        {"endpoint": {"minInstances": 0}},
        "endpoint.minInstances: 0 is not allowed: must be an integer from 1 to 100",
    ),
    (
        {"endpoint": {"minInstances": 4}},
        "endpoint.maxInstances: 3 is not allowed: must be not below minInstances (4)",
    ),
    (
        {"endpoint": {"initialInstances": 4}},
        "endpoint.initialInstances: 4 is not allowed: must be from minInstances (1) to maxInstances (3)",
    ),
    (
        {"endpoint": {"bakeSeconds": 3600}},
        "endpoint.updateTimeoutSeconds: 3000 is not allowed: must be above startupTimeoutSeconds + bakeSeconds + "
        "terminationWaitSeconds (4020)",
    ),
    (
        {"training": {"hyperparameters": {"imgSize": 641}}},
        "training.hyperparameters.imgSize: 641 is not allowed: must be an integer from 32 to 4096 in steps of 32",
    ),
    (
        {"training": {"hyperparameters": {"modelSize": "yolov5s.pt"}}},
        'training.hyperparameters.modelSize: "yolov5s.pt" is not allowed: must be yolov8n, yolov8s, yolov8m, yolov8l '
        "or yolov8x, with .pt or .yaml",
    ),
    (
        {"training": {"managedSpot": True, "maxWaitSeconds": 3600}},
        "training.maxWaitSeconds: 3600 is not allowed: must be not below maxRuntimeSeconds (86400)",
    ),
    (
        {"monitoring": {"logRetentionDays": 8}},
        "monitoring.logRetentionDays: 8 is not allowed: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, "
        "400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
    ),
    (
        {"monitoring": {"subscriptions": [{"protocol": "email", "endpoint": "nobody"}]}},
        'monitoring.subscriptions[0].endpoint: "nobody" is not allowed: must be an e-mail address',
    ),
    (
        {"monitoring": {"subscriptions": [{"protocol": "https", "endpoint": "http://a.example"}]}},
        'monitoring.subscriptions[0].endpoint: "http://a.example" is not allowed: must be a URL with https:// '
        "and a host",
    ),
    (
        {"monitoring": {"subscriptions": [{"protocol": "https", "endpoint": "https://"}]}},
        'monitoring.subscriptions[0].endpoint: "https://" is not allowed: must be a URL with https:// and a host',
    ),
    (
        {"monitoring": {"subscriptions": [{"protocol": "email", "endpoint": "on call@example.com"}]}},
        'monitoring.subscriptions[0].endpoint: "on call@example.com" is not allowed: must be an e-mail address',
    ),
    (
        {"monitoring": {"subscriptions": [{"protocol": "email"}]}},
        "monitoring.subscriptions[0].endpoint is missing: must be an address with @ for email, a URL with https:// "
        "for https",
    ),
    (
        {"monitoring": {"subscriptions": "me@example.com"}},
        'monitoring.subscriptions: "me@example.com" is not allowed: must be a list of subscriptions, or none',
    ),
    (
        {"inferenceImageDigest": "latest"},
        'inferenceImageDigest: "latest" is not allowed: must be an image digest, "sha256:" and 64 hexadecimal digits',
    ),
    (
        {"inferenceImageDigest": DIGEST, "inferenceImageTag": "local"},
        'inferenceImageTag: "local" is not allowed: must be absent if inferenceImageDigest is set: an image has a '
        "tag or a digest, never both",
    ),
    (
        {"tags": {"cost_center": 5}},
        "tags.cost_center: 5 is not allowed: must be text of at most 256 letters, digits, spaces and + - = . _ : / @",
    ),
    (
        {"tags": {"a{b": "x"}},
        "tags.a{b is not allowed: its name must be text of 1 to 128 letters, digits, spaces and + - = . _ : / @",
    ),
    (
        {"tags": {"stage": "dev"}},
        'tags: {"stage": "dev"} is not allowed: must be an object without stage: the program or AWS sets it',
    ),
    (
        {"tags": {"Project": "rooms"}},
        'tags: {"Project": "rooms"} is not allowed: must be an object without Project: the program or AWS sets it',
    ),
    (
        {"tags": {"team": "a", "Team": "b"}},
        'tags: {"team": "a", "Team": "b"} is not allowed: must be an object without both Team and team: '
        "to IAM they are one key",
    ),
    (
        {"tags": dict.fromkeys("abcdefgh", "x")},
        'tags: {"a": "x", "b": "x", "c": "x", "d": "x", "e": "x", "f": "x", "g": "x", "h": "x"} is not allowed: '
        "must be an object of at most 7 tags: S3 allows 10 per object, and the program sets the others",
    ),
    (
        {"monitoring": {"subscriptions": [{"protocol": "email", "endpoint": "a@b.example"}] * 2}},
        'monitoring.subscriptions: [{"protocol": "email", "endpoint": "a@b.example"}, {"protocol": "email", '
        '"end... is not allowed: must be a list without duplicates',
    ),
    ({"protect": None}, "protect: null is not allowed: must be true or false"),
]


@pytest.mark.parametrize(("values", "line"), WRONG)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_allowed(values: dict[str, Any], line: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings(values, key=KEY)
    assert str(error.value) == f"{KEY}.{line}"


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "rooms.example.com",
        "ftp://rooms.example.com",
        "https://rooms.example.com/",
        "https://rooms.example.com/app",
        "https://a.example, https://b.example",
        "https://a.example https://b.example",
        "https://*.example.com",
        "https://rooms.example.com:0",
        "null",
        "'",
        "https://rooms.example.com\n",
    ],
)
def test_only_a_star_or_one_origin_is_allowed(origin: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings({"allowedOrigin": origin}, key=KEY)
    assert str(error.value) == (
        f"{KEY}.allowedOrigin: {json.dumps(origin)} is not allowed: "
        'must be "*" or exactly one origin such as https://rooms.example.com, without a path'
    )


@pytest.mark.parametrize("origin", ["*", "https://rooms.example.com", "http://localhost:3000", "https://a.b-c.example"])
def test_a_star_or_one_origin_is_accepted(origin: str) -> None:
    assert parse_settings({"allowedOrigin": origin}, key=KEY).allowed_origin == origin


def test_every_wrong_setting_is_named_and_all_on_one_line() -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings({"table": {"minCapacity": 0}, "api": {"burstLimit": 0}, "protct": True}, key=KEY)
    lines = str(error.value).split("; ")
    assert [line.split(" ")[0].rstrip(":") for line in lines] == [
        f"{KEY}.table.minCapacity",
        f"{KEY}.api.burstLimit",
        f"{KEY}.protct",
    ]
    assert "\n" not in str(error.value)


def test_a_long_value_is_cut_so_that_the_line_stays_readable() -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings({"inferenceImageDigest": "x" * 5000}, key=KEY)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("values", [[], "text", 5, None])
def test_settings_that_are_not_an_object_are_refused(values: object) -> None:
    with pytest.raises(SettingsError) as error:
        parse_settings(values, key=KEY)
    assert str(error.value) == f"{KEY}: {json.dumps(values)} is not allowed: must be an object of settings"


def test_the_detectors_function_fits_a_new_account() -> None:
    detector = StageSettings().detector_function
    assert detector.memory_mb <= 3008, "the most that a new account gives a function"
    assert detector.reserved_concurrency is None, "of its 10 concurrent executions none can be reserved"


def test_the_defaults_are_the_documents_configuration() -> None:
    settings = StageSettings()
    assert settings.allowed_origin == "*"
    assert settings.storage.blueprint_retention_days == 30
    assert settings.storage.cors_max_age_seconds == 3000
    table = settings.table
    assert (table.read_capacity, table.write_capacity, table.on_demand) == (5, 5, False)
    assert (table.min_capacity, table.max_capacity, table.target_utilization_percent) == (5, 100, 70)
    assert table.record_ttl_days == 30
    function = settings.function
    assert (function.runtime, function.memory_mb, function.timeout_seconds) == ("python3.11", 512, 60)
    assert (function.ephemeral_storage_mb, function.tracing) == (512, False)
    api = settings.api
    assert (api.rate_limit, api.burst_limit, api.quota_limit, api.quota_period) == (100, 200, 10_000, "DAY")
    assert (api.execution_log_level, api.tracing, api.api_keys) == ("INFO", False, False)
    endpoint = settings.endpoint
    assert (endpoint.instance_type, endpoint.initial_instances) == ("ml.c5.xlarge", 1)
    assert (endpoint.min_instances, endpoint.max_instances, endpoint.target_invocations_per_minute) == (1, 3, 70)
    assert (endpoint.scale_in_cooldown_seconds, endpoint.scale_out_cooldown_seconds) == (300, 60)
    assert (endpoint.confidence_threshold, endpoint.iou_threshold, endpoint.views) == (0.25, 0.45, 1)
    assert (settings.training.instance_type, settings.training.volume_size_gb) == ("ml.g4dn.xlarge", 100)
    monitoring = settings.monitoring
    assert monitoring.log_retention_days == 7
    assert (monitoring.function_errors, monitoring.model_latency_p95_ms, monitoring.endpoint_server_errors) == (
        5,
        500,
        3,
    )
    assert (monitoring.function_error_percent, monitoring.function_duration_seconds) == (1, 5)
    assert (monitoring.endpoint_client_error_percent, monitoring.endpoint_server_error_percent) == (1, 0.1)
    assert (monitoring.function_throttles, monitoring.endpoint_cpu_percent) == (0, 70)


def test_what_exists_once_per_account_is_off_by_default() -> None:
    settings = StageSettings()
    assert not settings.api.account_logging_role
    assert not settings.training.manage_log_group


def test_settings_cannot_be_changed_once_they_are_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        StageSettings().protect = True


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_file_holds_only_what_differs_from_the_defaults(stage: str) -> None:
    config = yaml.safe_load((ROOT / f"Pulumi.{stage}.yaml").read_text())["config"]
    assert set(config) == {"aws:region", KEY}
    assert config["aws:region"] == "us-east-2"
    defaults = StageSettings().model_dump(by_alias=True)
    for path, value in _leaves(config[KEY]):
        default: Any = defaults
        for part in path:
            default = default[part]
        assert value != default, ".".join(path)


def _leaves(values: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for key, value in values.items():
        found += _leaves(value, (*path, key)) if isinstance(value, dict) else [((*path, key), value)]
    return found


def test_dev_is_the_documents_configuration_with_bounded_roles() -> None:
    settings = parse_settings(json.loads(read_stage("dev").config[KEY]), key=KEY)
    assert settings == StageSettings(permissions_boundary=True)


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_staging_and_prod_turn_on_the_documents_security_list(stage: str) -> None:
    settings = parse_settings(json.loads(read_stage(stage).config[KEY]), key=KEY)
    assert settings.protect
    assert settings.api.api_keys
    assert settings.function.tracing
    assert settings.api.tracing
    assert settings.monitoring.log_retention_days > 7


def test_a_protected_stage_may_have_no_subscribers_if_it_says_so() -> None:
    settings = parse_settings({"protect": True, "monitoring": {"subscriptions": "none"}}, key=KEY)
    assert settings.monitoring.subscriptions == ()


def test_prod_survives_the_loss_of_an_instance_and_uses_half_of_what_one_can_do() -> None:
    endpoint = parse_settings(json.loads(read_stage("prod").config[KEY]), key=KEY).endpoint
    assert (endpoint.min_instances, endpoint.initial_instances) == (2, 2)
    assert endpoint.target_invocations_per_minute == 900


def test_local_has_the_embedded_account_to_itself_and_images_by_tag() -> None:
    settings = parse_settings(json.loads(read_stage("local").config[KEY]), key=KEY)
    assert settings.api.account_logging_role
    assert settings.training.manage_log_group
    assert (settings.inference_image_tag, settings.training_image_tag) == ("local", "local")


def test_every_setting_can_be_described_in_words() -> None:
    def groups(group: type[SettingsGroup]) -> None:
        for name, field in group.model_fields.items():
            if isinstance(field.default, SettingsGroup):
                groups(type(field.default))
            else:
                assert describe(field), name

    groups(StageSettings)
    assert describe(StageSettings.model_fields["protect"]) == "true or false"


class CountingMocks(RecorderMocks):
    def __init__(self) -> None:
        self.created: list[str] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.created.append(args.name)
        return super().new_resource(args)


@pytest.mark.parametrize(
    ("name", "config", "line"),
    [
        (
            "dev",
            {"aws:region": "us-east-2", KEY: '{"table": {"minCapacity": 0}}'},
            f"{KEY}.table.minCapacity: 0 is not allowed: must be an integer from 1 to 40000",
        ),
        (
            "dev",
            {"aws:region": "us-east-2"},
            f"{KEY} is missing: set it in Pulumi.dev.yaml, to {{}} for the defaults",
        ),
        (
            "dev",
            {"aws:region": "us-east-2", "room-detection:setings": "{}"},
            f"room-detection:setings: not a setting: in Pulumi.dev.yaml, all settings are under {KEY}",
        ),
        (
            "dev",
            {"aws:region": "us-east-2", KEY: "{}", "room-detection:protect": "true"},
            f"room-detection:protect: not a setting: in Pulumi.dev.yaml, all settings are under {KEY}",
        ),
        (
            "dev",
            {"aws:region": "us-east-2", KEY: "not JSON"},
            f'{KEY}: "not JSON" is not allowed: must be an object of settings',
        ),
        ("dev", {KEY: "{}"}, "aws:region is missing: set it in Pulumi.dev.yaml, for example to us-east-2"),
        (
            "dev",
            {"aws:region": "Ohio", KEY: "{}"},
            'aws:region: "Ohio" is not allowed: must be an AWS region such as us-east-2',
        ),
        (
            "dev",
            {"aws:region": "us-east-9", KEY: "{}"},
            'aws:region: "us-east-9" is not allowed: must be an AWS region: did you mean us-east-2?',
        ),
        (
            "Production",
            {"aws:region": "us-east-2", KEY: "{}"},
            f"stack 'Production' is not allowed: {STAGE_RULE}",
        ),
        (
            "inference-dev",
            {"aws:region": "us-east-2", KEY: "{}"},
            f"stack 'inference-dev' is not allowed: {STAGE_RULE}",
        ),
    ],
)
def test_a_wrong_stage_stops_the_program_with_one_line_before_any_resource(
    name: str, config: dict[str, str], line: str
) -> None:
    mocks = CountingMocks()
    with pytest.raises(ProgramError) as stopped:
        run_program(Stage(name=name, config=config), mocks)
    assert str(stopped.value) == line
    assert mocks.created == []
