"""What an account needs once, before its first deployment: Pulumi's state, a key for its secrets, GitHub's roles.

Safe to run again: what exists is left as it is, policies are written anew.
"""

import json
import re
from typing import Any

import boto3
from botocore.exceptions import ClientError

from operations import deploy_policies
from operations.external import OperationError
from operations.stacks import SECRETS_PROVIDER_VARIABLE

REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
PREVIEW_ROLE = "room-detection-preview"
DEPLOY_ROLE = "room-detection-deploy"


def run(repository: str, region: str) -> None:
    """Creates or completes everything and prints what the workflows and a shell need to know.

    Raises:
        OperationError: `repository` is not `owner/name`.
    """
    if not REPOSITORY.fullmatch(repository):
        raise OperationError(f"REPOSITORY={repository!r} is no GitHub repository: expected owner/name")
    account_id = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    bucket = f"room-detection-state-{account_id}"
    _state_bucket(bucket, region)
    key_arn = _secrets_key(region)
    _oidc_provider(account_id)
    roles = {
        "AWS_PREVIEW_ROLE": _role(
            PREVIEW_ROLE,
            deploy_policies.trust(account_id, deploy_policies.preview_subjects(repository)),
            deploy_policies.preview(bucket, key_arn),
        ),
        "AWS_DEPLOY_ROLE": _role(
            DEPLOY_ROLE,
            deploy_policies.trust(account_id, deploy_policies.deploy_subjects(repository)),
            deploy_policies.deploy(account_id, region, bucket, key_arn),
        ),
    }
    variables = {
        "AWS_REGION": region,
        "PULUMI_BACKEND_URL": f"s3://{bucket}?region={region}",
        SECRETS_PROVIDER_VARIABLE: f"awskms://{deploy_policies.STATE_KEY_ALIAS}?region={region}",
        **roles,
    }
    print("Set these as variables of the GitHub repository; all but the roles in your shell as well:")
    for name, value in variables.items():
        print(f"  {name}={value}")


def _state_bucket(bucket: str, region: str) -> None:
    s3 = boto3.client("s3", region_name=region)
    try:
        # us-east-1 is S3's default and the one location that it does not take by name.
        if region == "us-east-1":
            s3.create_bucket(Bucket=bucket)
        else:
            location: Any = {"LocationConstraint": region}
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(deploy_policies.state_bucket(bucket)))


def _secrets_key(region: str) -> str:
    kms = boto3.client("kms", region_name=region)
    try:
        return kms.describe_key(KeyId=deploy_policies.STATE_KEY_ALIAS)["KeyMetadata"]["Arn"]
    except kms.exceptions.NotFoundException:
        key = kms.create_key(Description="Secrets of room-detection's Pulumi state")["KeyMetadata"]
        kms.enable_key_rotation(KeyId=key["KeyId"])
        kms.create_alias(AliasName=deploy_policies.STATE_KEY_ALIAS, TargetKeyId=key["KeyId"])
        return key["Arn"]


def _oidc_provider(account_id: str) -> None:
    iam = boto3.client("iam")
    arn = f"arn:aws:iam::{account_id}:oidc-provider/{deploy_policies.OIDC_HOST}"
    try:
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    except iam.exceptions.NoSuchEntityException:
        iam.create_open_id_connect_provider(
            Url=f"https://{deploy_policies.OIDC_HOST}", ClientIDList=["sts.amazonaws.com"]
        )


def _role(name: str, trust: dict, policy: dict) -> str:
    iam = boto3.client("iam")
    try:
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
        arn = iam.get_role(RoleName=name)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="room-detection", PolicyDocument=json.dumps(policy))
    return arn
