"""Compute: the detector as a separate function, called by the API's function.

Guarantees: the same image and thresholds as the endpoint; nothing runs or costs money without plans to process; the
role can only write its log; the log group exists, with its retention, before the function can write to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.detector.model import model_environment
from components.detector.repositories import ImageRepositories
from components.log_groups import create_log_group
from components.naming import Names
from components.roles import create_role
from components.settings.groups import DetectorFunctionSettings, EndpointSettings, LogRetentionDays
from images.inference.contract import MODEL_PATH_VARIABLE

# Replaces the image's entry point, which serves HTTP: AWS's Runtime Interface Client, and the handler that it calls.
ENTRY_POINT = ("python", "-m", "awslambdaric")
HANDLER = "images.inference.lambda_entry.handle"
# The weights in the image, relative to its working directory.
MODEL_PATH = "models/best.onnx"


@dataclass(frozen=True, kw_only=True)
class DetectorFunctionArgs:
    """What the detector's function needs.

    Attributes:
        thresholds: the endpoint's settings, whose thresholds apply to every kind of inference.
        image: the inference image by digest (by tag in stage local).
        repositories: the component with the image's repository; the function waits for Lambda's permission to pull from
        it. timeout_seconds: the time that the API waits for an answer.
    """

    names: Names
    settings: DetectorFunctionSettings
    thresholds: EndpointSettings
    image: pulumi.Input[str]
    repositories: ImageRepositories
    timeout_seconds: int
    tracing: bool
    log_retention_days: LogRetentionDays
    tags: Mapping[str, str]


class DetectorFunction(pulumi.ComponentResource):
    """The function that finds the rooms of one image per call."""

    function_name: pulumi.Output[str]

    def __init__(self, name: str, args: DetectorFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:compute:DetectorFunction", name, None, opts)
        log_group = create_log_group(
            f"{name}-logs",
            physical_name=args.names.detector_function_log_group,
            retention_days=args.log_retention_days,
            tags=args.tags,
            parent=self,
        )
        role, policy = create_role(
            name,
            physical_name=args.names.detector_function_role,
            description="The detector's function: its log group",
            service="lambda.amazonaws.com",
            source_account=None,
            policy_name="detector-function",
            policy=policies.rendered(
                policies.detector_function_policy,
                log_group_arn=log_group.name.apply(args.names.log_group_arn),
                tracing=args.tracing,
            ),
            tags=args.tags,
            parent=self,
        )
        function = aws.lambda_.Function(
            f"{name}-function",
            name=args.names.detector_function,
            description="Finds the rooms of one image",
            role=role.arn,
            package_type="Image",
            image_uri=args.image,
            image_config=aws.lambda_.FunctionImageConfigArgs(entry_points=list(ENTRY_POINT), commands=[HANDLER]),
            architectures=["x86_64"],
            memory_size=args.settings.memory_mb,
            timeout=args.timeout_seconds,
            reserved_concurrent_executions=args.settings.reserved_concurrency,
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={**model_environment(args.thresholds), MODEL_PATH_VARIABLE: MODEL_PATH}
            ),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active" if args.tracing else "PassThrough"),
            tags=args.tags,
            # The first call needs the policy, and would create the log group without a retention.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, log_group, args.repositories]),
        )
        self.function_name = function.name
        self.register_outputs({"functionName": self.function_name})
