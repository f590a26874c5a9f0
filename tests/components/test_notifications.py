from components.naming import Names
from components.notifications import AlarmTopic, AlarmTopicArgs
from components.settings.groups import Subscription
from tests.components.recorder import Graph, build

TOPIC = "arn:aws:sns:us-east-2:123456789012:room-detection-alarms-dev"


def topic(names: Names, tags: dict[str, str], *subscriptions: Subscription) -> Graph:
    args = AlarmTopicArgs(names=names, subscriptions=subscriptions, tags=tags)
    return build(lambda: AlarmTopic("notifications", args))


def test_only_alarms_of_this_account_may_publish(names: Names, tags: dict[str, str]) -> None:
    graph = topic(names, tags)
    assert graph.inputs("topicPolicy:TopicPolicy")["arn"] == TOPIC
    assert graph.document("topicPolicy:TopicPolicy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AlarmsPublish",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": TOPIC,
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": "123456789012"},
                    "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-2:123456789012:alarm:*"},
                },
            }
        ],
    }


def test_the_topic_is_not_encrypted_with_a_key_that_cloudwatch_may_not_use(names: Names, tags: dict[str, str]) -> None:
    graph = topic(names, tags)
    assert graph.inputs("topic:Topic") == {
        "name": "room-detection-alarms-dev",
        "displayName": "Room detection dev",
        "tags": tags,
    }
    assert graph.outputs("monitoring:AlarmTopic") == {"topicArn": TOPIC}


def test_everybody_in_the_settings_is_subscribed(names: Names, tags: dict[str, str]) -> None:
    on_call = Subscription(protocol="email", endpoint="on-call@example.com")
    pager = Subscription(protocol="https", endpoint="https://pager.example.com/alarms")
    assert [s.inputs for s in topic(names, tags, on_call, pager).all("TopicSubscription")] == [
        {"topic": TOPIC, "protocol": "email", "endpoint": "on-call@example.com"},
        {"topic": TOPIC, "protocol": "https", "endpoint": "https://pager.example.com/alarms"},
    ]


def subscribers(graph: Graph) -> dict[str, str]:
    return {s.name: s.inputs["endpoint"] for s in graph.all("TopicSubscription")}


def test_a_subscription_keeps_its_name_when_others_are_added_removed_or_reordered(
    names: Names, tags: dict[str, str]
) -> None:
    a, b, c = (Subscription(protocol="email", endpoint=f"{who}@example.com") for who in "abc")
    first = subscribers(topic(names, tags, a, b, c))
    assert len(first) == 3
    assert subscribers(topic(names, tags, c, a)).items() <= first.items()
    assert subscribers(topic(names, tags, c, b, a)) == first


def test_the_address_of_a_pager_is_in_no_resources_name(names: Names, tags: dict[str, str]) -> None:
    pager = Subscription(protocol="https", endpoint="https://pager.example.com/secret-key")
    (name,) = subscribers(topic(names, tags, pager))
    assert name.startswith("notifications-subscription-https-")
    assert "secret-key" not in name


def test_by_default_nobody_is_subscribed(names: Names, tags: dict[str, str]) -> None:
    assert not topic(names, tags).all("TopicSubscription")
