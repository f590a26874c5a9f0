"""What becomes of a stage that lives: nothing is replaced that need not be, and no name is taken twice.

The tests of this file run over one stage each, from setting to setting, as an operator would.
"""

import pytest

from tests.engine.cli import Engine

DIGESTS = {
    image: f"sha256:{digit * 64}" for image, digit in (("inferenceImageDigest", "1"), ("trainingImageDigest", "2"))
}
# One setting after the other, each kept: what it replaces, by the resource's name up to its generated part.
CHANGES = [
    ({"tags": {"team": "plans"}}, set()),
    ({"allowedOrigin": "https://rooms.example.com"}, {"api-deployment"}),
    ({"storage": {"blueprintRetentionDays": 60}}, set()),
    ({"table": {"onDemand": True}}, set()),
    ({"function": {"memoryMb": 2048}}, set()),
    ({"function": {"tracing": True}}, set()),
    ({"api": {"apiKeys": True}}, {"api-deployment"}),
    ({"api": {"rateLimit": 50}}, set()),
    ({"endpoint": {"confidenceThreshold": 0.3}}, {"model", "config"}),
    ({"endpoint": {"maxInstances": 5}}, set()),
    ({"endpoint": {"startupTimeoutSeconds": 600}}, {"config"}),
    ({"endpoint": {"bakeSeconds": 60}}, set()),
    ({"inferenceImageDigest": f"sha256:{'3' * 64}"}, {"model", "config"}),
    ({"monitoring": {"logRetentionDays": 30}}, set()),
    ({"monitoring": {"modelLatencyP95Ms": 800}}, set()),
]


def replaced(engine: Engine, since: int) -> set[str]:
    """What was replaced, by the last words of its name that tell it from others."""
    known = ("api-deployment", "model", "config")
    names = [call.name for call in engine.aws.calls[since:] if call.replaces]
    return {next((short for short in known if name.endswith(short)), name) for name in names}


def test_no_setting_replaces_more_than_it_must_and_a_second_deployment_changes_nothing(engine: Engine):
    pulumi = engine.pulumi
    pulumi.run("stack", "init", "dev")
    settings: dict = dict(DIGESTS)
    pulumi.configure("dev", settings)
    pulumi.up("dev")
    for change, expected in CHANGES:
        settings = {
            **settings,
            **{
                key: {**settings.get(key, {}), **value} if isinstance(value, dict) else value
                for key, value in change.items()
            },
        }
        pulumi.configure("dev", settings)
        before = len(engine.aws.calls)
        pulumi.up("dev")
        assert replaced(engine, before) == expected, change
        assert len(engine.aws.calls) > before, f"{change} changed nothing"
    before = len(engine.aws.calls)
    assert "unchanged" in pulumi.up("dev")
    assert engine.aws.calls[before:] == []


def test_a_stage_goes_from_one_kind_of_inference_to_the_next_and_back(engine: Engine):
    pulumi = engine.pulumi
    pulumi.run("stack", "init", "dev")
    for inference in ("endpoint", "serverless", "lambda", "endpoint"):
        pulumi.configure("dev", {**DIGESTS, "inference": inference})
        pulumi.up("dev")
        endpoints = [name for name in engine.aws.there if name.startswith("Endpoint ")]
        assert len(endpoints) == (inference != "lambda")
    pulumi.destroy("dev")
    assert {name.split()[0] for name in engine.aws.there} == {"Model", "EndpointConfiguration"}


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_stages_live_side_by_side_in_one_account_and_protection_keeps_their_data(lasting_engine: Engine, stage: str):
    pulumi = lasting_engine.pulumi
    pulumi.run("stack", "init", stage)
    pulumi.up(stage)
    printed = pulumi.run("destroy", "--yes", "--stack", stage, fails=True)
    assert "protected" in printed
    kept = {resource["type"] for resource in pulumi.resources(stage) if resource.get("protect")}
    assert kept >= {"aws:s3/bucket:Bucket", "aws:dynamodb/table:Table", "aws:ecr/repository:Repository"}
