"""Complete IAM policy documents: one function per policy, from the ARNs it needs to the document.

Least privilege: every statement names its resource. The only actions on `*` are `ecr:GetAuthorizationToken`,
`cloudwatch:PutMetricData` (for SageMaker's namespaces), X-Ray's put actions and, if settings turn them on, the log
deliveries and X-Ray sampling of the retraining's executions: none of them supports resource-level permissions
(https://docs.aws.amazon.com/service-authorization/latest/reference/).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

from components.naming import (
    BATCH_INPUT_PREFIX,
    BATCH_OUTPUT_PREFIX,
    BLUEPRINTS_PREFIX,
    CHECKPOINTS_PREFIX,
    EVALUATIONS_PREFIX,
    MODELS_PREFIX,
    RETRAINED_PREFIX,
    TRAINING_OUTPUT_PREFIX,
    TRAINING_PREFIX,
    VALIDATION_PREFIX,
)

Document = dict[str, Any]
Statement = dict[str, Any]


def rendered(policy: Callable[..., Document], **arguments: pulumi.Input[Any]) -> pulumi.Output[str]:
    """The policy as JSON text, when all arguments are known."""
    return pulumi.Output.all(**arguments).apply(lambda known: json.dumps(policy(**known)))


def service_trust(*, service: str, source_account: str | None = None) -> Document:
    """Lets an AWS service assume a role; with `source_account`, only on behalf of that account (confused deputy)."""
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if source_account is not None:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": source_account}}
    return _document(statement)


def function_policy(
    *, bucket_arn: str, table_arn: str, detector_action: str, detector_arn: str, log_group_arn: str, tracing: bool
) -> Document:
    """Permissions of the API's function: its blueprints, its records, the detector, its log group and, if on, X-Ray."""
    statements = [
        _allow("Blueprints", ["s3:GetObject", "s3:PutObject"], f"{bucket_arn}/{BLUEPRINTS_PREFIX}*"),
        # With it, S3 answers 404 for a missing key; without it 403, as for a key without access.
        _list_bucket("MissingBlueprints", bucket_arn, [BLUEPRINTS_PREFIX]),
        _allow("Records", ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], table_arn),
        _allow("Detector", [detector_action], detector_arn),
        _write_logs(log_group_arn),
    ]
    return _document(*statements, *_write_traces(tracing))


def detector_function_policy(*, log_group_arn: str, tracing: bool) -> Document:
    """Permissions of the detector's function: its log group and, if on, X-Ray. The image contains the model."""
    return _document(_write_logs(log_group_arn), *_write_traces(tracing))


def function_image_policy(*, function_arn: str) -> Document:
    """Lets Lambda pull the image of one function from the repository, which it also does when it optimises the image.

    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions. The wildcard is
    for the function's versions.
    """
    return _document(
        {
            "Sid": "LambdaPullsImage",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {"ArnLike": {"aws:SourceArn": [function_arn, f"{function_arn}:*"]}},
        }
    )


def inference_policy(
    *, bucket_arn: str, repository_arn: str, log_group_arns: Sequence[str], alarms_arn: str
) -> Document:
    """Permissions of the role of a served model, in an endpoint and in a transform job.

    The model archives, the plans and answers of a job, its image, its log groups, its metrics, and reading the rollback
    alarms. Without the last, SageMaker cannot roll back an update:
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    return _document(
        _allow("ModelData", ["s3:GetObject"], f"{bucket_arn}/{MODELS_PREFIX}*"),
        _allow("BulkPlans", ["s3:GetObject"], f"{bucket_arn}/{BATCH_INPUT_PREFIX}*"),
        _allow("BulkAnswers", ["s3:PutObject"], f"{bucket_arn}/{BATCH_OUTPUT_PREFIX}*"),
        _list_bucket("Listing", bucket_arn, [MODELS_PREFIX, BATCH_INPUT_PREFIX]),
        *_pull_image(repository_arn),
        _create_and_write_logs(*log_group_arns),
        _write_metrics(),
        _allow("RollbackAlarms", ["cloudwatch:DescribeAlarms"], alarms_arn),
    )


def training_policy(*, bucket_arn: str, repository_arn: str, log_group_arn: str) -> Document:
    """Permissions of a training job: both channels, its output and checkpoints, its image, log, metrics."""
    return _document(
        _allow(
            "Channels",
            ["s3:GetObject"],
            [f"{bucket_arn}/{TRAINING_PREFIX}*", f"{bucket_arn}/{VALIDATION_PREFIX}*"],
        ),
        _allow("Checkpoints", ["s3:GetObject", "s3:PutObject"], f"{bucket_arn}/{CHECKPOINTS_PREFIX}*"),
        _allow("Output", ["s3:PutObject"], f"{bucket_arn}/{TRAINING_OUTPUT_PREFIX}*"),
        _list_bucket("Listing", bucket_arn, [TRAINING_PREFIX, VALIDATION_PREFIX, CHECKPOINTS_PREFIX]),
        *_pull_image(repository_arn),
        _create_and_write_logs(log_group_arn),
        _write_metrics(),
    )


def evaluation_policy(*, bucket_arn: str, repository_arn: str, log_group_arn: str) -> Document:
    """Permissions of the comparison: both archives, the validation channel, its report, image, log, metrics.

    They are needed in spite of network isolation: SageMaker itself reads and writes with the job's role.
    """
    return _document(
        _allow("Inputs", ["s3:GetObject"], [f"{bucket_arn}/{VALIDATION_PREFIX}*", f"{bucket_arn}/{MODELS_PREFIX}*"]),
        _allow("Report", ["s3:PutObject"], f"{bucket_arn}/{EVALUATIONS_PREFIX}*"),
        _list_bucket("Listing", bucket_arn, [VALIDATION_PREFIX, MODELS_PREFIX]),
        *_pull_image(repository_arn),
        _create_and_write_logs(log_group_arn),
        _write_metrics(),
    )


def retraining_policy(
    *,
    bucket_arn: str,
    training_jobs_arn: str,
    processing_jobs_arn: str,
    endpoint_arn: str,
    served_arns: Sequence[str],
    models_arn: str,
    endpoint_configs_arn: str,
    package_group_arn: str,
    packages_arn: str,
    passed_role_arns: Sequence[str],
    alarms_arn: str,
    topic_arn: str,
    logging: bool,
    tracing: bool,
) -> Document:
    """Permissions of the state machine: its own jobs, its own models, the endpoint, the topic.

    Args:
        training_jobs_arn, processing_jobs_arn, models_arn, endpoint_configs_arn, packages_arn: patterns of what it
            creates.
        served_arns: patterns of the models and configurations that the endpoint may serve before the run.
        passed_role_arns: the roles of what it creates; it can pass no other roles to SageMaker.
        alarms_arn: all alarms of the account and region: CloudWatch requires this even for a single alarm, and
            SageMaker reads the rollback alarms with the permissions of whoever updates the endpoint.
    """
    statements = [
        _allow("Training", _job_actions("TrainingJob"), training_jobs_arn),
        _allow("Evaluation", _job_actions("ProcessingJob"), processing_jobs_arn),
        _allow("Roles", ["iam:PassRole"], passed_role_arns)
        | {"Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}},
        _allow("Served", ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"], served_arns),
        _allow("Comparison", ["s3:GetObject"], f"{bucket_arn}/{EVALUATIONS_PREFIX}*"),
        _allow("Candidate", ["s3:GetObject"], f"{bucket_arn}/{TRAINING_OUTPUT_PREFIX}*"),
        _allow("Publishing", ["s3:PutObject"], f"{bucket_arn}/{RETRAINED_PREFIX}*"),
        _allow("PackageGroup", ["sagemaker:AddTags", "sagemaker:CreateModelPackageGroup"], package_group_arn),
        _allow("Package", ["sagemaker:CreateModelPackage"], [package_group_arn, packages_arn]),
        _allow("Model", ["sagemaker:AddTags", "sagemaker:CreateModel"], models_arn),
        _allow("EndpointConfig", ["sagemaker:AddTags", "sagemaker:CreateEndpointConfig"], endpoint_configs_arn),
        _allow("Endpoint", ["sagemaker:DescribeEndpoint"], endpoint_arn),
        _allow("Update", ["sagemaker:UpdateEndpoint"], [endpoint_arn, endpoint_configs_arn]),
        _allow("RollbackAlarms", ["cloudwatch:DescribeAlarms"], alarms_arn),
        _allow("Notification", ["sns:Publish"], topic_arn),
    ]
    if logging:
        # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
        deliveries = ["Create", "Delete", "Get", "Update"]
        statements.append(
            _allow(
                "LogDelivery",
                [
                    *(f"logs:{verb}LogDelivery" for verb in deliveries),
                    "logs:DescribeLogGroups",
                    "logs:DescribeResourcePolicies",
                    "logs:ListLogDeliveries",
                    "logs:PutResourcePolicy",
                ],
                "*",
            )
        )
    if tracing:
        # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
        sampling = ["xray:GetSamplingRules", "xray:GetSamplingTargets"]
        statements.append(_allow("Traces", [*sampling, "xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"))
    return _document(*statements)


def bucket_policy(*, bucket_arn: str, inference_role_arn: str, training_role_arn: str) -> Document:
    """Denies requests without TLS; allows SageMaker's two roles, by name, their own folders."""
    return _document(
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "InferenceReadsModelsAndPlans",
            "Effect": "Allow",
            "Principal": {"AWS": inference_role_arn},
            "Action": "s3:GetObject",
            "Resource": [f"{bucket_arn}/{MODELS_PREFIX}*", f"{bucket_arn}/{BATCH_INPUT_PREFIX}*"],
        },
        {
            "Sid": "InferenceWritesAnswers",
            "Effect": "Allow",
            "Principal": {"AWS": inference_role_arn},
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn}/{BATCH_OUTPUT_PREFIX}*",
        },
        {
            "Sid": "TrainingReadsChannels",
            "Effect": "Allow",
            "Principal": {"AWS": training_role_arn},
            "Action": "s3:GetObject",
            "Resource": [f"{bucket_arn}/{TRAINING_PREFIX}*", f"{bucket_arn}/{VALIDATION_PREFIX}*"],
        },
        {
            "Sid": "TrainingWritesOutput",
            "Effect": "Allow",
            "Principal": {"AWS": training_role_arn},
            "Action": "s3:PutObject",
            "Resource": [f"{bucket_arn}/{TRAINING_OUTPUT_PREFIX}*", f"{bucket_arn}/{CHECKPOINTS_PREFIX}*"],
        },
    )


def topic_policy(*, topic_arn: str, account_id: str, alarms_arn: str) -> Document:
    """Lets CloudWatch publish, but only for alarms of this account (`alarms_arn` is a pattern)."""
    return _document(
        {
            "Sid": "AlarmsPublish",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": alarms_arn},
            },
        }
    )


def gateway_logging_policy(*, log_groups_arn: str) -> Document:
    """Permissions of API Gateway's role, which writes the logs of all APIs in an account and region.

    `log_groups_arn` covers every log group of the account and region: the role is shared by all stages, and each API
    chooses its own access log group.
    """
    return _document(
        _allow(
            "ApiLogs",
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:FilterLogEvents",
                "logs:GetLogEvents",
                "logs:PutLogEvents",
            ],
            log_groups_arn,
        )
    )


def _document(*statements: Statement) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(sid: str, actions: Sequence[str], resource: str | Sequence[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _job_actions(job: str) -> Sequence[str]:
    return ["sagemaker:AddTags", *(f"sagemaker:{verb}{job}" for verb in ("Create", "Describe", "Stop"))]


def _list_bucket(sid: str, bucket_arn: str, prefixes: Sequence[str]) -> Statement:
    condition: Mapping[str, Any] = {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in prefixes]}}
    return _allow(sid, ["s3:ListBucket"], bucket_arn) | {"Condition": condition}


def _pull_image(repository_arn: str) -> tuple[Statement, Statement]:
    return (
        _allow("RegistryLogin", ["ecr:GetAuthorizationToken"], "*"),
        _allow(
            "Image",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            repository_arn,
        ),
    )


def _write_logs(log_group_arn: str) -> Statement:
    """Write to streams of an existing log group: `:*` means its streams."""
    return _allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], f"{log_group_arn}:*")


def _write_traces(tracing: bool) -> Sequence[Statement]:
    return [_allow("Traces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*")] if tracing else []


def _create_and_write_logs(*log_group_arns: str) -> Statement:
    """Create and write logs: SageMaker needs the permission to create its log group, even if it exists."""
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    streams = [f"{log_group_arn}:*" for log_group_arn in log_group_arns]
    return _allow("Logs", actions, streams if len(streams) > 1 else streams[0])


def _write_metrics() -> Statement:
    """Instance metrics, which SageMaker publishes with the execution role. CloudWatch can limit this only by namespace.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
    """
    namespaces = {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}
    return _allow("InstanceMetrics", ["cloudwatch:PutMetricData"], "*") | {"Condition": namespaces}
