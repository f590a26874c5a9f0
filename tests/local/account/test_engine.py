"""What the local stage does not implement ends a deployment with an error that names it."""

import re
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from local.account.deployment import Deployment
from local.account.engine import DeploymentError, Engine
from local.stack import LocalStack
from program.run import run_program
from program.stage_file import Stage

pytestmark = pytest.mark.whole


@pytest.fixture
def deploy(small_stack: LocalStack) -> Callable[[Callable[[], Any]], Deployment]:
    """Deploys a program into the small stage's AWS, beside what is there; the engine's own errors are raised."""

    def run(program: Callable[[], Any]) -> Deployment:
        deployment = Deployment()
        engine = Engine(
            aws=small_stack.aws, deployment=deployment, api_origin="http://127.0.0.1:1", created=lambda _: None
        )
        try:
            run_program(Stage(name="local", config={"aws:region": "us-east-2"}), engine, program=program)
        except Exception:
            if engine.errors:
                raise engine.errors[0] from None
            raise
        return deployment

    return run


def test_a_type_without_an_entry_is_named(deploy: Callable[..., Deployment]) -> None:
    with pytest.raises(DeploymentError, match=r"aws:made/up:Up 'jobs': .*cannot create this type"):
        deploy(lambda: pulumi.CustomResource("aws:made/up:Up", "jobs"))


def test_a_property_that_nobody_handles_is_named(deploy: Callable[..., Deployment]) -> None:
    with pytest.raises(DeploymentError, match=r"aws:sns/topic:Topic 'alarms': .*does not know the property fifoTopic"):
        deploy(lambda: aws.sns.Topic("alarms", fifo_topic=True))


def test_a_nested_property_that_nobody_handles_is_named(deploy: Callable[..., Deployment]) -> None:
    def program() -> None:
        private = aws.apigateway.RestApiEndpointConfigurationArgs(types="REGIONAL", vpc_endpoint_ids=["vpce-1"])
        aws.apigateway.RestApi("plans", endpoint_configuration=private)

    with pytest.raises(DeploymentError, match=r"RestApi 'plans': .*endpointConfiguration\.vpcEndpointIds"):
        deploy(program)


def test_a_call_without_an_answer_is_named(deploy: Callable[..., Deployment]) -> None:
    with pytest.raises(DeploymentError, match=r"aws:index/getAvailabilityZones:getAvailabilityZones: .*no answer"):
        deploy(lambda: pulumi.export("zones", aws.get_availability_zones_output().names))


def test_an_existing_resource_is_not_read(deploy: Callable[..., Deployment]) -> None:
    with pytest.raises(DeploymentError, match="cannot import or read an existing resource"):
        deploy(lambda: aws.sns.Topic.get("alarms", "arn:aws:sns:us-east-2:123456789012:alarms"))


def test_a_refusal_of_aws_is_reported_in_its_own_words(deploy: Callable[..., Deployment]) -> None:
    with pytest.raises(DeploymentError, match=r"aws:iam/rolePolicy:RolePolicy 'policy': .*NoSuchEntity"):
        deploy(lambda: aws.iam.RolePolicy("policy", role="nobody", policy='{"Version": "2012-10-17", "Statement": []}'))


def test_a_resource_without_a_name_gets_its_logical_name_and_seven_random_digits(
    deploy: Callable[..., Deployment],
) -> None:
    (topic,) = deploy(lambda: aws.sns.Topic("alarms")).of_type("aws:sns/topic:Topic")
    assert re.fullmatch("alarms-[0-9a-f]{7}", topic.outputs["name"])
    assert topic.outputs["arn"].endswith(topic.outputs["name"])


def test_resources_are_created_with_what_aws_answered_for_those_they_depend_on(
    deploy: Callable[..., Deployment], small_stack: LocalStack
) -> None:
    def program() -> None:
        topic = aws.sns.Topic("linked")
        aws.sns.TopicSubscription("mail", topic=topic.arn, protocol="email", endpoint="team@example.com")

    (topic,) = deploy(program).of_type("aws:sns/topic:Topic")
    found = small_stack.aws.client("sns").list_subscriptions_by_topic(TopicArn=topic.id)["Subscriptions"]
    assert [one["Endpoint"] for one in found] == ["team@example.com"]


def test_whole_numbers_and_secrets_arrive_plain_in_aws(
    deploy: Callable[..., Deployment], small_stack: LocalStack
) -> None:
    def program() -> None:
        aws.cloudwatch.LogGroup("plain", name=pulumi.Output.secret("plain-group"), retention_in_days=7)

    deploy(program)
    (group,) = small_stack.aws.client("logs").describe_log_groups(logGroupNamePrefix="plain-group")["logGroups"]
    assert group["retentionInDays"] == 7
