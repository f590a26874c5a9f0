"""SNS: topics, their policies and subscriptions."""

import json

from local.account.inputs import pascal_keys, physical_name, tag_list
from local.account.resources.creation import Create, Created, Request


def _topic(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs, prefix="namePrefix", limit=256)
    attributes = inputs.arguments(
        DisplayName="displayName", KmsMasterKeyId="kmsMasterKeyId", Policy="policy", DeliveryPolicy="deliveryPolicy"
    )
    arn = request.aws.client("sns").create_topic(Name=name, Attributes=attributes, Tags=tag_list(inputs.take("tags")))[
        "TopicArn"
    ]
    return Created(id=arn, outputs={"name": name, "arn": arn})


def _topic_policy(request: Request) -> Created:
    arn, policy = request.inputs.need("arn"), request.inputs.need("policy")
    text = policy if isinstance(policy, str) else json.dumps(policy)
    request.aws.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)
    return Created(id=arn)


def _subscription(request: Request) -> Created:
    inputs = request.inputs
    topic = inputs.need("topic")
    attributes = pascal_keys(inputs.arguments(FilterPolicy="filterPolicy", RawMessageDelivery="rawMessageDelivery"))
    arn = request.aws.client("sns").subscribe(
        TopicArn=topic,
        Protocol=inputs.need("protocol"),
        Endpoint=inputs.need("endpoint"),
        Attributes={key: json.dumps(value) if isinstance(value, bool) else value for key, value in attributes.items()},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    inputs.set_aside("moto confirms every subscription itself", "endpointAutoConfirms", "confirmationTimeoutInMinutes")
    return Created(id=arn, outputs={"arn": arn})


CREATE: dict[str, Create] = {
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
}
