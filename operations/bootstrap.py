"""What an account needs once, before its first deployment: a bucket for Pulumi's state, a key for its secrets, GitHub's
roles.

It is safe to run again: existing resources are kept, policies are updated.
"""

import json
import re
from typing import Any

import boto3
from botocore.exceptions import ClientError

from components.naming import Names
from components.regions import regions
from operations import deploy_policies
from operations.external import OperationError
from operations.stacks import SECRETS_PROVIDER_VARIABLE

REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
PREVIEW_ROLE = "room-detection-preview"


def run(repository: str, region: str) -> None:
    """Creates what is missing, and prints the values that the workflows and a shell need.

    Raises:
        OperationError: `repository` is not `owner/name`, or AWS has no such region.
    """
    if not REPOSITORY.fullmatch(repository):
        raise OperationError(f"REPOSITORY={repository!r} is not a GitHub repository: give owner/name")
    if region not in regions():
        raise OperationError(
            f"REGION={region} is not an AWS region: give the region of the stages, for example us-east-2"
        )
    account_id = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    # IAM has no regions, and an endpoint in each partition, which is the region's.
    iam, kms = boto3.client("iam", region_name=region), boto3.client("kms", region_name=region)
    stages = {
        stage: Names(stage=stage, account_id=account_id, region=region) for stage in deploy_policies.DEPLOYED_STAGES
    }
    bucket = f"room-detection-state-{account_id}"
    any_stage = stages["dev"]
    _state_bucket(bucket, region, deploy_policies.state_bucket(any_stage, bucket))
    keys = {stage: _secrets_key(kms, stage) for stage in stages}
    _oidc_provider(iam, deploy_policies.oidc_provider_arn(any_stage))
    previewed = deploy_policies.PREVIEWED_STAGES
    preview_role_arn = _role(
        iam,
        PREVIEW_ROLE,
        deploy_policies.trust(any_stage, [deploy_policies.preview_subject(repository)]),
        deploy_policies.preview([stages[stage] for stage in previewed], bucket, [keys[stage] for stage in previewed]),
    )
    deploy_role_arns = {
        stage: _deploy_role(iam, names, repository, bucket, keys[stage]) for stage, names in stages.items()
    }
    provider = f"awskms://{deploy_policies.state_key_alias('{stage}')}?region={region}"
    print("Set these as variables of the GitHub repository; the first three in your shell as well:")
    print(f"  AWS_REGION={region}")
    print(f"  PULUMI_BACKEND_URL=s3://{bucket}?region={region}")
    print(f"  {SECRETS_PROVIDER_VARIABLE}={provider}")
    print(f"  AWS_PREVIEW_ROLE={preview_role_arn}")
    print("and this one in each of the repository's environments:")
    for stage, arn in deploy_role_arns.items():
        print(f"  {stage}: AWS_DEPLOY_ROLE={arn}")


def _deploy_role(iam: Any, names: Names, repository: str, bucket: str, key_arn: str) -> str:
    """The stage's role and, before it, the boundary of the roles that it creates."""
    _policy(iam, names.roles_boundary, names.roles_boundary_arn, deploy_policies.boundary(names))
    return _role(
        iam,
        names.deploy_role,
        deploy_policies.trust(names, [deploy_policies.deploy_subject(repository, names.stage)]),
        deploy_policies.deploy(names, bucket, key_arn),
    )


def _state_bucket(bucket: str, region: str, policy: dict[str, Any]) -> None:
    s3 = boto3.client("s3", region_name=region)
    try:
        # us-east-1 is S3's default and the only location that it refuses by name.
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
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def _secrets_key(kms: Any, stage: str) -> str:
    alias = deploy_policies.state_key_alias(stage)
    try:
        return kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    except kms.exceptions.NotFoundException:
        key = kms.create_key(Description=f"Secrets of room-detection's Pulumi state, stage {stage}")["KeyMetadata"]
        kms.enable_key_rotation(KeyId=key["KeyId"])
        kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
        return key["Arn"]


def _oidc_provider(iam: Any, arn: str) -> None:
    try:
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    except iam.exceptions.NoSuchEntityException:
        iam.create_open_id_connect_provider(
            Url=f"https://{deploy_policies.OIDC_HOST}", ClientIDList=["sts.amazonaws.com"]
        )


def _policy(iam: Any, name: str, arn: str, document: dict[str, Any]) -> None:
    """A managed policy with this document; of older versions only the newest is kept."""
    try:
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
    except iam.exceptions.EntityAlreadyExistsException:
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        current = next(version["VersionId"] for version in versions if version["IsDefaultVersion"])
        known = iam.get_policy_version(PolicyArn=arn, VersionId=current)["PolicyVersion"]["Document"]
        if known == document:
            return
        # IAM keeps five versions at most.
        for version in versions:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)


def _role(iam: Any, name: str, trust: dict, policy: dict) -> str:
    try:
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
        arn = iam.get_role(RoleName=name)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="room-detection", PolicyDocument=json.dumps(policy))
    return arn
