"""IAM documents of the roles that GitHub's workflows assume, and the boundary of the roles that those create.

Pure functions from a stage's names to documents. A deployment's role can do what its stage needs, and nothing to other
stages. Because it can write roles, it could give itself any permission. The boundary prevents this: the role can only
create roles with the boundary, and those can do no more than the stage's resources need, whatever their policies say.
"""

from collections.abc import Sequence
from typing import Any

from components.naming import Names

PROJECT = "room-detection"
OIDC_HOST = "token.actions.githubusercontent.com"
DEPLOYED_STAGES = ("dev", "staging", "prod")
# Stages whose state a pull request's code may read: not prod.
PREVIEWED_STAGES = ("dev", "staging")
# The stage from which a stage's images are copied: they are built for the first and copied to the others.
PROMOTED_FROM = {"staging": "dev", "prod": "staging"}
# The services that the program's roles are for.
_ROLE_SERVICES = ("apigateway", "lambda", "sagemaker", "states")

Document = dict[str, Any]


def state_key_alias(stage: str) -> str:
    """The key that encrypts a stage's secrets: one per stage, so that one stage's permission opens no other."""
    return f"alias/room-detection-state-{stage}"


def trust(names: Names, subjects: Sequence[str]) -> Document:
    """Lets GitHub's workflows with one of these OIDC subjects assume the role.

    Source: https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": oidc_provider_arn(names)},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{OIDC_HOST}:aud": "sts.amazonaws.com", f"{OIDC_HOST}:sub": list(subjects)}
                },
            }
        ],
    }


def oidc_provider_arn(names: Names) -> str:
    return f"arn:{names.partition}:iam::{names.account_id}:oidc-provider/{OIDC_HOST}"


def deploy_subject(repository: str, stage: str) -> str:
    """Jobs that run in the environment of a stage; GitHub's environment rules say which branches may."""
    return f"repo:{repository}:environment:{stage}"


def preview_subject(repository: str) -> str:
    return f"repo:{repository}:pull_request"


def preview(stages: Sequence[Names], state_bucket: str, key_arns: Sequence[str]) -> Document:
    """A pull request's permissions: what `pulumi preview` of these stages reads. It takes no lock and writes nothing.

    The two other calls are made by the provider: it validates the state machine's definition and describes the table.
    """
    bucket = stages[0].bucket_arn(state_bucket)
    stacks = f"{bucket}/.pulumi/stacks/{PROJECT}"
    return _document(
        _allow("ListStacks", ["s3:ListBucket"], bucket, {"StringLike": {"s3:prefix": [".pulumi/stacks/*"]}}),
        _allow(
            "ReadState",
            ["s3:GetObject"],
            [f"{bucket}/.pulumi/meta.yaml", *(f"{stacks}/{names.stage}.*" for names in stages)],
        ),
        _allow("DecryptState", ["kms:Decrypt", "kms:DescribeKey"], list(key_arns)),
        _allow("Tables", ["dynamodb:DescribeTable"], [names.table_arn(names.table) for names in stages]),
        _allow("Definitions", ["states:ValidateStateMachineDefinition"], "*"),
    )


def deploy(names: Names, state_bucket: str, key_arn: str) -> Document:
    """What `pulumi up` needs for the resources of one stage, by name or, if AWS chooses the name, by tag."""
    partition, region, account, stage = names.partition, names.region, names.account_id, names.stage

    def arn(service: str, resource: str) -> str:
        return f"arn:{partition}:{service}:{region}:{account}:{resource}"

    bucket = names.bucket_arn(names.bucket)
    functions = names.function_arn(f"room-detection-ai-*-{stage}")
    source = PROMOTED_FROM.get(stage)
    return _document(
        *_state(names, state_bucket, key_arn),
        _allow("Blueprints", ["s3:*"], [bucket, f"{bucket}/*"]),
        _allow("Table", ["dynamodb:*"], [names.table_arn(names.table), f"{names.table_arn(names.table)}/*"]),
        _allow("Function", ["lambda:*"], [functions, f"{functions}:*"]),
        *_api(names),
        _allow("Repositories", ["ecr:*"], [names.repository_arn(name) for name in _repositories(stage)]),
        *([_promoted(names, source)] if source else []),
        _allow(
            "SageMaker",
            ["sagemaker:*"],
            [
                # An endpoint of either kind.
                arn("sagemaker", f"endpoint/room-detection-yolov8-*-{stage}"),
                # Models, configurations and jobs; their names have a unique suffix.
                arn("sagemaker", f"*/{names.served}-*"),
                arn("sagemaker", f"*/{PROJECT}-{stage}-*"),
                arn("sagemaker", f"model-package-group/{names.model_package_group}"),
                arn("sagemaker", f"model-package/{names.model_package_group}/*"),
            ],
        ),
        _allow(
            "Retraining",
            ["states:*"],
            [names.state_machine_arn(names.retraining), arn("states", f"execution:{names.retraining}:*")],
        ),
        _allow("Topic", ["sns:*"], [names.topic_arn(names.topic), f"{names.topic_arn(names.topic)}:*"]),
        _allow(
            "Monitoring",
            ["cloudwatch:*"],
            [
                names.alarm_arn(names.alarm("*")),
                # The alarms of Application Auto Scaling's target tracking.
                names.alarm_arn(f"TargetTracking-table/{names.table}-*"),
                names.alarm_arn(f"TargetTracking-endpoint/room-detection-yolov8-*-{stage}/*"),
                f"arn:{partition}:cloudwatch::{account}:dashboard/{names.dashboard}",
            ],
        ),
        # Even for a single alarm, CloudWatch requires the permission for all of them.
        _allow("Alarms", ["cloudwatch:DescribeAlarms"], names.alarm_arn("*")),
        *_logs(names),
        _allow(
            "Scaling",
            [
                *("application-autoscaling:RegisterScalableTarget", "application-autoscaling:DeregisterScalableTarget"),
                *("application-autoscaling:PutScalingPolicy", "application-autoscaling:DeleteScalingPolicy"),
                *("application-autoscaling:TagResource", "application-autoscaling:UntagResource"),
                "application-autoscaling:ListTagsForResource",
            ],
            arn("application-autoscaling", "scalable-target/*"),
            {"StringEqualsIfExists": {"application-autoscaling:service-namespace": ["dynamodb", "sagemaker"]}},
        ),
        *_roles(names),
        # These actions do not support resource-level permissions.
        _allow(
            "WithoutResource",
            [
                "ecr:GetAuthorizationToken",
                "application-autoscaling:DescribeScalableTargets",
                "application-autoscaling:DescribeScalingPolicies",
                # The provider validates a definition before anything is changed.
                "states:ValidateStateMachineDefinition",
                # What `make deploy` checks before it begins, and what it lists to clean up.
                "lambda:GetAccountSettings",
                "servicequotas:GetServiceQuota",
                "servicequotas:ListServiceQuotas",
                "sagemaker:ListEndpointConfigs",
                "sagemaker:ListEndpoints",
                "sagemaker:ListModels",
            ],
            "*",
        ),
    )


def boundary(names: Names) -> Document:
    """The maximum that any role of the stage can be given: its own resources, and in IAM only passing its roles.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    partition, region, account, stage = names.partition, names.region, names.account_id, names.stage
    bucket = names.bucket_arn(names.bucket)
    return _document(
        _allow("Bucket", ["s3:GetObject", "s3:ListBucket", "s3:PutObject"], [bucket, f"{bucket}/*"]),
        _allow("Table", [f"dynamodb:{verb}Item" for verb in ("Get", "Put", "Update")], names.table_arn(names.table)),
        _allow("Detector", ["lambda:InvokeFunction"], names.function_arn(names.detector_function)),
        _allow(
            "SageMaker",
            ["sagemaker:*"],
            [
                f"arn:{partition}:sagemaker:{region}:{account}:*/{pattern}"
                for pattern in (f"room-detection-yolov8-*{stage}", f"{names.served}-*", f"{PROJECT}-{stage}*")
            ],
        ),
        _allow(
            "Images",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [names.repository_arn(name) for name in _repositories(stage)],
        ),
        _allow("Topic", ["sns:Publish"], names.topic_arn(names.topic)),
        # Logs, metrics, traces: write only.
        _allow("Telemetry", ["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricData", "logs:*", "xray:*"], "*"),
        _allow("Registry", ["ecr:GetAuthorizationToken"], "*"),
        # What a state machine needs to wait for its jobs.
        _allow("Events", ["events:DescribeRule", "events:PutRule", "events:PutTargets"], "*"),
        _pass_roles(names, ["sagemaker"]),
    )


def state_bucket(names: Names, bucket: str) -> Document:
    """Refuses requests without TLS."""
    arn = names.bucket_arn(bucket)
    return _document(
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def _repositories(stage: str) -> list[str]:
    return [f"room-detection-yolov8-{stage}", f"room-detection-yolov8-inference-{stage}"]


def _state(names: Names, state_bucket: str, key_arn: str) -> list[Document]:
    """The stage's own state, its history, its backups and its lock."""
    bucket = names.bucket_arn(state_bucket)
    kept = [f"{bucket}/.pulumi/{kind}/{PROJECT}/{names.stage}/*" for kind in ("history", "backups")]
    return [
        _allow("ListState", ["s3:ListBucket"], bucket),
        _allow(
            "State",
            ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            [
                f"{bucket}/.pulumi/meta.yaml",
                f"{bucket}/.pulumi/stacks/{PROJECT}/{names.stage}.*",
                f"{bucket}/.pulumi/locks/organization/{PROJECT}/{names.stage}/*",
                *kept,
            ],
        ),
        _allow("StateKey", ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"], key_arn),
    ]


def _promoted(names: Names, source: str) -> Document:
    """The images of the previous stage, for copying."""
    actions = ["BatchCheckLayerAvailability", "BatchGetImage", "DescribeImages", "GetDownloadUrlForLayer"]
    return _allow(
        "PromotedImages",
        [f"ecr:{action}" for action in actions],
        [names.repository_arn(name) for name in _repositories(source)],
    )


def _api(names: Names) -> list[Document]:
    """APIs are identified by an id, not a name: the stage's are those with its tag, which their parts inherit.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
    """
    api = f"arn:{names.partition}:apigateway:{names.region}::"
    created = [f"{api}/{kind}" for kind in ("restapis", "apikeys", "usageplans")]
    tag = {"StringEquals": {"aws:ResourceTag/stage": names.stage}}
    # Also the tags of new resources: API Gateway requires the permission for /tags too.
    new_tag = {"StringEquals": {"aws:RequestTag/stage": names.stage}}
    return [
        _allow("Api", ["apigateway:*"], [*(f"{resource}/*" for resource in created), f"{api}/tags/*"], tag),
        _allow("NewApi", ["apigateway:POST", "apigateway:PUT"], [*created, f"{api}/tags/*"], new_tag),
        # The role with which API Gateway writes logs: there is one per account and region.
        _allow("ApiLogging", ["apigateway:GET", "apigateway:PATCH"], f"{api}/account"),
    ]


def _logs(names: Names) -> list[Document]:
    groups = [
        f"/aws/lambda/room-detection-ai-*-{names.stage}",
        names.access_log_group,
        names.retraining_log_group,
        f"/aws/sagemaker/Endpoints/room-detection-yolov8-*-{names.stage}",
    ]
    # Names chosen by AWS: an API's execution log, and those of all jobs, which one stage of an account owns.
    shared = ["API-Gateway-Execution-Logs_*", "/aws/sagemaker/*Jobs"]
    retention = ["CreateLogGroup", "DeleteRetentionPolicy", "ListTagsForResource", "PutRetentionPolicy"]
    tags = ["TagResource", "UntagResource"]
    return [
        _allow("Logs", ["logs:*"], [arn for group in groups for arn in _log_group_arns(names, group)]),
        _allow(
            "SharedLogs",
            [f"logs:{action}" for action in [*retention, *tags]],
            [arn for group in shared for arn in _log_group_arns(names, group)],
        ),
        _allow(
            "OwnSharedLogs",
            ["logs:DeleteLogGroup"],
            [arn for group in shared for arn in _log_group_arns(names, group)],
            {"StringEquals": {"aws:ResourceTag/stage": names.stage}},
        ),
        # Describing one requires the permission for all. An API's access log needs the permission for log deliveries.
        _allow("DescribeLogs", ["logs:DescribeLogGroups"], names.log_group_arn("*")),
        _allow(
            "LogDelivery",
            ["logs:*LogDelivery", "logs:ListLogDeliveries", "logs:DescribeResourcePolicies", "logs:PutResourcePolicy"],
            "*",
        ),
    ]


def _log_group_arns(names: Names, group: str) -> list[str]:
    return [names.log_group_arn(group), f"{names.log_group_arn(group)}:*"]


def _roles(names: Names) -> list[Document]:
    """The stage's roles, only with the boundary, which this role cannot change."""
    roles = names.role_arn(f"RoomDetection*-{names.stage}")
    bounded = {"StringEquals": {"iam:PermissionsBoundary": names.roles_boundary_arn}}
    linked = f"arn:{names.partition}:iam::{names.account_id}:role/aws-service-role"
    return [
        _allow(
            "NewRoles",
            [f"iam:{action}" for action in ("CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy")],
            roles,
            bounded,
        ),
        _allow(
            "Roles",
            [f"iam:{verb}" for verb in ("DeleteRole", "GetRole", "TagRole", "UntagRole", "UpdateRole")]
            + ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"]
            + ["iam:ListInstanceProfilesForRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRoleDescription"],
            roles,
        ),
        _pass_roles(names, _ROLE_SERVICES),
        _allow(
            "ServiceLinkedRoles",
            ["iam:CreateServiceLinkedRole"],
            [
                f"{linked}/{service}/*"
                for service in (
                    "dynamodb.application-autoscaling.amazonaws.com",
                    "sagemaker.application-autoscaling.amazonaws.com",
                    # AWSServiceRoleForAPIGateway, which X-Ray on an API needs.
                    "ops.apigateway.amazonaws.com",
                )
            ],
        ),
    ]


def _pass_roles(names: Names, services: Sequence[str]) -> Document:
    return _allow(
        "PassRoles",
        ["iam:PassRole"],
        names.role_arn(f"RoomDetection*-{names.stage}"),
        {"StringEquals": {"iam:PassedToService": [f"{service}.amazonaws.com" for service in services]}},
    )


def _allow(
    sid: str, actions: Sequence[str], resources: str | Sequence[str], condition: dict[str, Any] | None = None
) -> Document:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": [resources] if isinstance(resources, str) else list(resources),
    }
    return statement | ({"Condition": condition} if condition else {})


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
