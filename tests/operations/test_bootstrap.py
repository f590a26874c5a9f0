"""`make bootstrap` against moto: what an account gets, twice in a row."""

import json

import boto3
import pytest
from moto import mock_aws

from operations import bootstrap, deploy_policies
from operations.external import OperationError

pytestmark = pytest.mark.whole

REGION = "us-east-2"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


def test_the_state_bucket_is_versioned_private_and_takes_tls_only():
    bootstrap.run("owner/name", REGION)
    s3 = boto3.client("s3", region_name=REGION)
    bucket = "room-detection-state-123456789012"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == deploy_policies.state_bucket(bucket)


def test_a_second_run_changes_nothing_and_prints_the_same(capsys: pytest.CaptureFixture[str]):
    bootstrap.run("owner/name", REGION)
    first = capsys.readouterr().out
    bootstrap.run("owner/name", REGION)
    assert capsys.readouterr().out == first
    assert len(boto3.client("kms", region_name=REGION).list_keys()["Keys"]) == 1
    assert "PULUMI_BACKEND_URL=s3://room-detection-state-123456789012?region=us-east-2" in first


def test_only_the_environments_of_the_stages_may_assume_the_deploy_role():
    bootstrap.run("owner/name", REGION)
    role = boto3.client("iam").get_role(RoleName=bootstrap.DEPLOY_ROLE)["Role"]
    condition = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
    assert condition["token.actions.githubusercontent.com:sub"] == [
        "repo:owner/name:environment:dev",
        "repo:owner/name:environment:staging",
        "repo:owner/name:environment:prod",
    ]


def test_a_pull_request_can_write_nothing_but_the_lock():
    policy = deploy_policies.preview("state", "arn:aws:kms:us-east-2:123456789012:key/k")
    writes = {
        (action, resource)
        for statement in policy["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if not action.startswith(("s3:Get", "s3:List", "kms:Decrypt"))
    }
    locks = "arn:aws:s3:::state/.pulumi/locks/*"
    assert writes == {("s3:PutObject", locks), ("s3:DeleteObject", locks)}


def test_only_actions_that_know_no_resource_have_a_star():
    policy = deploy_policies.deploy("123456789012", REGION, "state", "arn:aws:kms:us-east-2:123456789012:key/k")
    (starred,) = [statement["Action"] for statement in policy["Statement"] if "*" in statement["Resource"]]
    assert starred == [
        "ecr:GetAuthorizationToken",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "states:ValidateStateMachineDefinition",
    ]


def test_a_deployment_may_read_every_alarm_and_write_those_of_the_stack_and_of_its_autoscaling():
    policy = deploy_policies.deploy("123456789012", REGION, "state", "arn:aws:kms:us-east-2:123456789012:key/k")
    alarms = {
        statement["Sid"]: [r.split(":alarm:")[1] for r in statement["Resource"] if ":alarm:" in r]
        for statement in policy["Statement"]
        if any(":alarm:" in resource for resource in statement["Resource"])
    }
    assert alarms == {
        "Monitoring": [
            "room-detection-*",
            "TargetTracking-table/room-detection-*",
            "TargetTracking-endpoint/room-detection-*",
        ],
        "Alarms": ["*"],
    }


@pytest.mark.parametrize("repository", ["", "name", "https://github.com/owner/name", "owner/name/more", "owner/*"])
def test_what_is_no_repository_is_refused_before_anything_is_created(repository: str):
    with pytest.raises(OperationError, match="expected owner/name"):
        bootstrap.run(repository, REGION)
    assert boto3.client("s3", region_name=REGION).list_buckets()["Buckets"] == []
