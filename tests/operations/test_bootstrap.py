"""`make bootstrap` against moto: what an account gets, twice in a row."""

import pytest
from moto import mock_aws

from components.naming import Names
from operations import bootstrap, deploy_policies
from operations.external import OperationError
from tests.moto_clients import client

pytestmark = pytest.mark.whole

REGION = "us-east-2"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


def test_the_state_bucket_is_versioned_private_and_accepts_only_tls():
    bootstrap.run("owner/name", REGION)
    s3 = client("s3")
    bucket = "room-detection-state-123456789012"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]


def test_a_second_run_changes_nothing_and_prints_the_same(capsys: pytest.CaptureFixture[str]):
    bootstrap.run("owner/name", REGION)
    first = capsys.readouterr().out
    bootstrap.run("owner/name", REGION)
    assert capsys.readouterr().out == first
    assert len(client("kms").list_keys()["Keys"]) == len(deploy_policies.DEPLOYED_STAGES)
    assert "AWS_REGION=us-east-2\n" in first
    assert "prod: AWS_DEPLOY_ROLE=arn:aws:iam::123456789012:role/room-detection-deploy-prod\n" in first
    assert "ROOM_DETECTION_SECRETS_PROVIDER=awskms://alias/room-detection-state-{stage}?region=us-east-2\n" in first
    assert "PULUMI_BACKEND_URL=s3://room-detection-state-123456789012?region=us-east-2" in first


def test_only_the_environment_of_its_stage_may_assume_a_deploy_role():
    bootstrap.run("owner/name", REGION)
    iam = client("iam")
    for stage in deploy_policies.DEPLOYED_STAGES:
        role = iam.get_role(RoleName=f"room-detection-deploy-{stage}")["Role"]
        condition = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
        assert condition["token.actions.githubusercontent.com:sub"] == [f"repo:owner/name:environment:{stage}"]


def test_the_preview_role_opens_the_secrets_of_the_stages_that_it_previews():
    bootstrap.run("owner/name", REGION)
    kms = client("kms")
    document = client("iam").get_role_policy(RoleName=bootstrap.PREVIEW_ROLE, PolicyName="room-detection")
    (opened,) = [s["Resource"] for s in document["PolicyDocument"]["Statement"] if "kms:Decrypt" in s["Action"]]
    key = {
        stage: kms.describe_key(KeyId=deploy_policies.state_key_alias(stage))["KeyMetadata"]["Arn"]
        for stage in deploy_policies.DEPLOYED_STAGES
    }
    assert opened == [key["dev"], key["staging"]]
    assert key["prod"] not in opened


def test_a_changed_boundary_is_updated_any_number_of_times(monkeypatch: pytest.MonkeyPatch):
    iam, names = client("iam"), Names(stage="dev", account_id="123456789012", region=REGION)
    for number in range(7):
        allow = {"Sid": f"S{number}", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        written = {"Version": "2012-10-17", "Statement": [allow]}
        monkeypatch.setattr(deploy_policies, "boundary", lambda _, written=written: written)
        bootstrap.run("owner/name", REGION)
        arn = names.roles_boundary_arn
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        assert iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"] == written


def test_the_roles_are_in_the_partition_of_the_region(capsys: pytest.CaptureFixture[str]):
    bootstrap.run("owner/name", "cn-north-1")
    printed = capsys.readouterr().out
    assert printed.count("_ROLE=arn:aws-cn:iam::123456789012:role/") == 1 + len(deploy_policies.DEPLOYED_STAGES)
    assert "arn:aws:" not in printed


@pytest.mark.parametrize("repository", ["", "name", "https://github.com/owner/name", "owner/name/more", "owner/*"])
def test_a_wrong_repository_is_refused_before_anything_is_created(repository: str):
    with pytest.raises(OperationError, match="give owner/name"):
        bootstrap.run(repository, REGION)
    assert client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize("region", ["", "us-east-9", "US-EAST-2", "us east 2"])
def test_a_wrong_region_is_refused_before_anything_is_created(region: str):
    with pytest.raises(OperationError, match="is not an AWS region"):
        bootstrap.run("owner/name", region)
    assert client("s3").list_buckets()["Buckets"] == []
