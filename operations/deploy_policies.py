"""IAM documents of the roles that GitHub's workflows assume. Pure functions: account and region in, documents out."""

from typing import Any

STATE_KEY_ALIAS = "alias/room-detection-state"
OIDC_HOST = "token.actions.githubusercontent.com"
DEPLOYED_STAGES = ("dev", "staging", "prod")


def trust(account_id: str, subjects: list[str]) -> dict[str, Any]:
    """Lets GitHub's workflows with one of these OIDC subjects assume the role.

    Source: https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{account_id}:oidc-provider/{OIDC_HOST}"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {f"{OIDC_HOST}:aud": "sts.amazonaws.com", f"{OIDC_HOST}:sub": subjects}},
            }
        ],
    }


def deploy_subjects(repository: str) -> list[str]:
    """Jobs that run in the environment of a stage; GitHub's environment rules say which branches may."""
    return [f"repo:{repository}:environment:{stage}" for stage in DEPLOYED_STAGES]


def preview_subjects(repository: str) -> list[str]:
    return [f"repo:{repository}:pull_request"]


def preview(state_bucket: str, key_arn: str) -> dict[str, Any]:
    """A pull request's rights: read the state, take its lock, decrypt its secrets. Nothing of the stages themselves."""
    return _document(
        _allow("ReadState", ["s3:GetObject", "s3:ListBucket"], [_bucket(state_bucket), f"{_bucket(state_bucket)}/*"]),
        _allow("LockState", ["s3:PutObject", "s3:DeleteObject"], [f"{_bucket(state_bucket)}/.pulumi/locks/*"]),
        _allow("DecryptState", ["kms:Decrypt"], [key_arn]),
    )


def deploy(account_id: str, region: str, state_bucket: str, key_arn: str) -> dict[str, Any]:
    """What `pulumi up` needs for this project's resources, by their names; nothing else in the account."""

    def arn(service: str, resource: str) -> str:
        return f"arn:aws:{service}:{region}:{account_id}:{resource}"

    roles = f"arn:aws:iam::{account_id}:role/RoomDetection*"
    return _document(
        _allow(
            "State",
            ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
            [_bucket(state_bucket), f"{_bucket(state_bucket)}/*"],
        ),
        _allow("StateKey", ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"], [key_arn]),
        _allow("Blueprints", ["s3:*"], [_bucket("room-detection-ai-*"), f"{_bucket('room-detection-ai-*')}/*"]),
        _allow("Table", ["dynamodb:*"], [arn("dynamodb", "table/room-detection-*")]),
        _allow("Function", ["lambda:*"], [arn("lambda", "function:room-detection-*")]),
        _allow("Api", ["apigateway:*"], [f"arn:aws:apigateway:{region}::/*"]),
        _allow("Repositories", ["ecr:*"], [arn("ecr", "repository/room-detection-*")]),
        _allow("SageMaker", ["sagemaker:*"], [arn("sagemaker", "*/room-detection-*")]),
        _allow(
            "Retraining",
            ["states:*"],
            [arn("states", "stateMachine:room-detection-*"), arn("states", "execution:room-detection-*")],
        ),
        _allow("Topic", ["sns:*"], [arn("sns", "room-detection-*")]),
        _allow(
            "Monitoring",
            ["cloudwatch:*"],
            [
                arn("cloudwatch", "alarm:room-detection-*"),
                # What Application Auto Scaling's target tracking watches.
                arn("cloudwatch", "alarm:TargetTracking-table/room-detection-*"),
                arn("cloudwatch", "alarm:TargetTracking-endpoint/room-detection-*"),
                f"arn:aws:cloudwatch::{account_id}:dashboard/room-detection-*",
            ],
        ),
        # Also for a single alarm it wants the right to all of them.
        _allow("Alarms", ["cloudwatch:DescribeAlarms"], [arn("cloudwatch", "alarm:*")]),
        # Every log group: the stack describes its own, for which AWS wants the right to all of them, and API Gateway
        # chooses the name of its execution logs.
        _allow("Logs", ["logs:*"], [arn("logs", "log-group:*")]),
        _allow("Scaling", ["application-autoscaling:*"], [arn("application-autoscaling", "scalable-target/*")]),
        _allow(
            "Roles",
            [f"iam:{verb}" for verb in ("CreateRole", "DeleteRole", "GetRole", "TagRole", "UntagRole", "UpdateRole")]
            + [f"iam:{verb}RolePolicy" for verb in ("Put", "Get", "Delete")]
            + ["iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole"]
            + ["iam:UpdateAssumeRolePolicy", "iam:UpdateRoleDescription", "iam:PassRole"],
            [roles],
        ),
        _allow(
            "ServiceLinkedRoles",
            ["iam:CreateServiceLinkedRole"],
            [f"arn:aws:iam::{account_id}:role/aws-service-role/*.application-autoscaling.amazonaws.com/*"],
        ),
        # These actions know no resource.
        _allow(
            "WithoutResource",
            [
                "ecr:GetAuthorizationToken",
                "application-autoscaling:DescribeScalableTargets",
                "application-autoscaling:DescribeScalingPolicies",
                # The provider has a definition checked before anything is changed.
                "states:ValidateStateMachineDefinition",
            ],
            ["*"],
        ),
    )


def state_bucket(bucket: str) -> dict[str, Any]:
    """Refuses requests without TLS."""
    return _document(
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [_bucket(bucket), f"{_bucket(bucket)}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def _bucket(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def _allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
