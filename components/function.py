"""Compute: the function that answers the API, its role and its log group.

Guarantees: the role can do what the function does and nothing else; the log group exists, with its retention, before
the function can write to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import pulumi
import pulumi_aws as aws

from components import policies
from components.log_groups import create_log_group
from components.metrics import OWN_NAMESPACE, SERVICE_NAME
from components.naming import Names
from components.roles import create_role
from components.settings.groups import FunctionSettings, LogRetentionDays

HANDLER = "runtime.handler.handle"


@dataclass(frozen=True, kw_only=True)
class BlueprintFunctionArgs:
    """What the function needs.

    Attributes:
        settings: memory, time limit and log level; the defaults stand in `settings/groups.py`, a stage's own values in
            `Pulumi.<stage>.yaml`.
        archive: the packaged code, from `packaging.package_function`.
        detector_name: the endpoint's name, or the detector function's, as `names.inference` says. It need not exist
            yet: the function then answers 503. If it is an output, the function is updated after the detector.
        allowed_origin: `*` or the only origin that may call from a browser.
        record_ttl_days: days until a record that the function writes expires.

    Raises:
        ValueError: the archive is not a .zip file.
    """

    names: Names
    settings: FunctionSettings
    archive: Path
    bucket_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    table_name: pulumi.Input[str]
    table_arn: pulumi.Input[str]
    detector_name: pulumi.Input[str]
    allowed_origin: str
    record_ttl_days: int
    log_retention_days: LogRetentionDays
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.archive.suffix != ".zip":
            raise ValueError(f"archive: {self.archive} is not allowed: must be a .zip file")


@dataclass(frozen=True, kw_only=True)
class _Detector:
    """How the function finds the detector, and the permission to call it.

    Attributes:
        variable: names the detector, and tells `runtime/environment.py` of which kind it is.
    """

    variable: str
    name: pulumi.Input[str]
    action: str
    arn: pulumi.Input[str]


def _detector(args: BlueprintFunctionArgs) -> _Detector:
    name = pulumi.Output.from_input(args.detector_name)
    match args.names.inference:
        case "endpoint" | "serverless":
            arn = name.apply(args.names.endpoint_arn)
            return _Detector(variable="SAGEMAKER_ENDPOINT", name=name, action="sagemaker:InvokeEndpoint", arn=arn)
        case "lambda":
            arn = name.apply(args.names.function_arn)
            return _Detector(variable="DETECTOR_FUNCTION", name=name, action="lambda:InvokeFunction", arn=arn)
        case _:
            assert_never(args.names.inference)


class BlueprintFunction(pulumi.ComponentResource):
    """The function behind all routes."""

    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]
    invoke_arn: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: BlueprintFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:compute:BlueprintFunction", name, None, opts)
        detector = _detector(args)
        log_group = create_log_group(
            f"{name}-logs",
            physical_name=args.names.function_log_group,
            retention_days=args.log_retention_days,
            tags=args.tags,
            parent=self,
        )
        role, policy = create_role(
            name,
            physical_name=args.names.function_role,
            description="The blueprint function: its blueprints, its records, the detector, its log group",
            service="lambda.amazonaws.com",
            source_account=None,
            policy_name="blueprint-function",
            policy=policies.rendered(
                policies.function_policy,
                bucket_arn=args.bucket_arn,
                table_arn=args.table_arn,
                detector_action=detector.action,
                detector_arn=detector.arn,
                log_group_arn=log_group.name.apply(args.names.log_group_arn),
                tracing=args.settings.tracing,
            ),
            tags=args.tags,
            parent=self,
        )
        function = aws.lambda_.Function(
            f"{name}-function",
            name=args.names.function,
            description="Answers upload, process and status of blueprints",
            role=role.arn,
            runtime=args.settings.runtime,
            architectures=["x86_64"],
            handler=HANDLER,
            code=pulumi.FileArchive(str(args.archive)),
            memory_size=args.settings.memory_mb,
            timeout=args.settings.timeout_seconds,
            ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=args.settings.ephemeral_storage_mb),
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=_environment(args, detector)),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(
                mode="Active" if args.settings.tracing else "PassThrough"
            ),
            tags=args.tags,
            # The first call needs the policy, and would create the log group without a retention.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, log_group]),
        )
        self.function_name = function.name
        self.function_arn = function.name.apply(args.names.function_arn)
        self.invoke_arn = function.name.apply(args.names.function_invoke_arn)
        self.role_arn = role.name.apply(args.names.role_arn)
        self.log_group_name = log_group.name
        self.register_outputs(
            {
                "functionName": self.function_name,
                "functionArn": self.function_arn,
                "invokeArn": self.invoke_arn,
                "roleArn": self.role_arn,
                "logGroupName": self.log_group_name,
            }
        )


def _environment(args: BlueprintFunctionArgs, detector: _Detector) -> dict[str, pulumi.Input[str]]:
    """The variables that `runtime/environment.py` reads; Lambda itself adds AWS_REGION, which is reserved."""
    return {
        "STAGE": args.names.stage,
        "S3_BUCKET": args.bucket_name,
        "DYNAMODB_TABLE": args.table_name,
        detector.variable: detector.name,
        "ALLOWED_ORIGIN": args.allowed_origin,
        "FUNCTION_TIMEOUT_SECONDS": str(args.settings.timeout_seconds),
        "DETECTOR_TIMEOUT_SECONDS": str(args.settings.detector_timeout_seconds),
        "RECORD_TTL_DAYS": str(args.record_ttl_days),
        "TRACING": "true" if args.settings.tracing else "false",
        "LOG_LEVEL": args.settings.log_level,
        "POWERTOOLS_SERVICE_NAME": SERVICE_NAME,
        "POWERTOOLS_METRICS_NAMESPACE": OWN_NAMESPACE,
    }
