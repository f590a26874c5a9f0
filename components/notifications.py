"""Notifications: the topic that alarms and retrainings publish to, and who subscribes to it.

The topic is not encrypted with SNS's AWS managed key: CloudWatch may not use that key, and its alarms would be lost
without a trace (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html).
Messages hold names and figures, nothing of a blueprint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.naming import Names
from components.settings.groups import Subscription


@dataclass(frozen=True, kw_only=True)
class AlarmTopicArgs:
    """What the topic needs.

    Attributes:
        subscriptions: who is told; an e-mail address gets a message to confirm first.
    """

    names: Names
    subscriptions: Sequence[Subscription]
    tags: Mapping[str, str]


class AlarmTopic(pulumi.ComponentResource):
    """The topic to which CloudWatch alone may publish, but for roles whose own policy lets them: the retraining's."""

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
        for number, subscription in enumerate(args.subscriptions, start=1):
            aws.sns.TopicSubscription(
                f"{name}-subscription-{number}",
                topic=self.topic_arn,
                protocol=subscription.protocol,
                endpoint=subscription.endpoint,
                opts=child,
            )
        self.register_outputs({"topicArn": self.topic_arn})
