"""What an update or a destruction leaves alone: other subscribers, capacities, what an account has once, kept data."""

from collections.abc import Sequence
from typing import Any

from tests.engine.cli import Engine

# The names of subscriptions before they were named by who is told: places in the list.
BY_POSITION = "notifications-subscription-{number}"


def told(engine: Engine) -> set[str]:
    """Who is subscribed in the account, whatever the state says."""
    return {name.rpartition(":")[2] for name in engine.aws.there if name.startswith("TopicSubscription ")}


def subscriptions(*who: str) -> dict[str, Any]:
    return {"monitoring": {"subscriptions": [{"protocol": "email", "endpoint": f"{one}@example.com"} for one in who]}}


def deploy(engine: Engine, settings: dict[str, Any]) -> Sequence[str]:
    """Deploys the stage dev with these settings; what the provider was asked to delete."""
    engine.pulumi.configure("dev", settings)
    before = len(engine.aws.calls)
    engine.pulumi.up("dev")
    return [call.name for call in engine.aws.calls[before:] if call.method == "Delete"]


def capacities(engine: Engine) -> tuple[Any, Any]:
    (table,) = [r for r in engine.pulumi.resources("dev") if r["type"] == "aws:dynamodb/table:Table"]
    return table["inputs"].get("readCapacity"), table["inputs"].get("writeCapacity")


def test_remaining_subscribers_are_notified_whatever_happens_to_the_others(engine: Engine):
    engine.pulumi.run("stack", "init", "dev")
    deploy(engine, subscriptions("a", "b", "c"))
    assert deploy(engine, subscriptions("c", "a", "b")) == [], "another order is not a change"
    deploy(engine, subscriptions("c", "b"))
    assert told(engine) == {"b@example.com", "c@example.com"}


def test_subscriptions_named_by_position_keep_their_readers_when_one_is_removed(engine: Engine):
    pulumi = engine.pulumi
    pulumi.run("stack", "init", "dev")
    deploy(engine, subscriptions("a", "b"))
    named = {r["inputs"]["endpoint"][0]: r["urn"] for r in pulumi.resources("dev") if "TopicSubscription" in r["type"]}
    for number, who in enumerate("ab", start=1):
        pulumi.run("state", "rename", named[who], BY_POSITION.format(number=number), "--yes", "--stack", "dev")
    deploy(engine, subscriptions("b"))
    assert told(engine) == {"b@example.com"}
    assert deploy(engine, subscriptions("b")) == []


def test_a_table_that_leaves_on_demand_has_its_capacities_after_that_update(engine: Engine):
    engine.pulumi.run("stack", "init", "dev")
    deploy(engine, {"table": {"onDemand": True}})
    assert capacities(engine) == (None, None)
    deploy(engine, {})
    assert capacities(engine) == (5, 5)
    deploy(engine, {"table": {"readCapacity": 20}})
    assert capacities(engine) == (5, 5), "from then on autoscaling owns them"


def test_what_exists_once_per_account_stays_when_the_setting_is_removed(engine: Engine):
    engine.pulumi.run("stack", "init", "dev")
    owned = {"manageLogGroup": True}
    deploy(engine, {"api": {"accountLoggingRole": True}, "training": owned, "retraining": owned, "batch": owned})
    assert deploy(engine, {}) == []
    assert not [r for r in engine.pulumi.resources("dev") if r["urn"].endswith("::api-account")], (
        "no longer the stage's"
    )


def test_a_kept_bucket_keeps_what_it_needs(engine: Engine):
    pulumi = engine.pulumi
    pulumi.run("stack", "init", "dev")
    deploy(engine, {"protect": True, "monitoring": {"subscriptions": "none"}})
    before = len(engine.aws.calls)
    pulumi.run("destroy", "--exclude-protected", "--yes", "--skip-preview", "--suppress-progress", "--stack", "dev")
    deleted = {call.name for call in engine.aws.calls[before:] if call.method == "Delete"}
    assert "handler-function" in deleted
    assert {name for name in deleted if name.startswith("blueprints-") or "model-data" in name} == set()
