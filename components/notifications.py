"""Notifications: the topic to which alarms and retrainings publish, and its subscriptions.

The topic is not encrypted with SNS's AWS managed key: CloudWatch may not use that key, and its notifications would be
lost silently (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html).
Messages contain names and figures, nothing of a blueprint.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import policies
from components.last_deployment import LastDeployment
from components.naming import Names
from components.settings.groups import Subscription


@dataclass(frozen=True, kw_only=True)
class AlarmTopicArgs:
    """What the topic needs.

    Attributes:
        subscriptions: who is notified; an e-mail address gets a confirmation message first.
        last: the state before this update.
    """

    names: Names
    subscriptions: Sequence[Subscription]
    last: LastDeployment = field(default_factory=LastDeployment)
    tags: Mapping[str, str]


class AlarmTopic(pulumi.ComponentResource):
    """The topic. Only CloudWatch may publish to it, and roles whose own policy allows it: the retraining's."""

    topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:monitoring:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=args.names.topic,
            display_name=f"Room detection {args.names.stage}",
            tags=args.tags,
            opts=child,
        )
        self.topic_arn = topic.name.apply(args.names.topic_arn)
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=self.topic_arn,
            policy=policies.rendered(
                policies.topic_policy,
                topic_arn=self.topic_arn,
                account_id=args.names.account_id,
                alarms_arn=args.names.alarm_arn("*"),
            ),
            opts=child,
        )
        former = _names_by_subscriber(args.last)
        for subscription in args.subscriptions:
            former_name = former.get((subscription.protocol, subscription.endpoint))
            aws.sns.TopicSubscription(
                f"{name}-subscription-{_identity(subscription)}",
                topic=self.topic_arn,
                protocol=subscription.protocol,
                endpoint=subscription.endpoint,
                opts=pulumi.ResourceOptions(
                    parent=self, aliases=[pulumi.Alias(name=former_name)] if former_name else None
                ),
            )
        self.register_outputs({"topicArn": self.topic_arn})


def _names_by_subscriber(last: LastDeployment) -> Mapping[tuple[str, str], str]:
    """Resource names of the existing subscriptions: in older stacks, the name was a position in a list."""
    there = last.of_type("aws:sns/topicSubscription:TopicSubscription")
    return {(outputs["protocol"], outputs["endpoint"]): name for name, outputs in there.items()}


def _identity(subscription: Subscription) -> str:
    """The identity of a subscription in SNS: a second one with the same protocol and endpoint is the same subscription.

    With a name from its position in the list, a change of the list would replace it, and deleting the old resource
    would end the subscription. It is hashed, because the address of a pager contains its key.
    """
    text = f"{subscription.protocol} {subscription.endpoint}"
    return f"{subscription.protocol}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
