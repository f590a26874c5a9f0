"""What a deployment that went wrong leaves, and how the next one takes it up."""

import pytest

from operations import stacks
from operations.external import OperationError
from tests.engine.cli import Engine


def test_a_refused_creation_leaves_the_rest_and_the_next_deployment_completes_it(engine: Engine):
    pulumi, aws = engine.pulumi, engine.aws
    pulumi.run("stack", "init", "dev")
    aws.refused = "handler-function"
    assert "not authorized" in pulumi.up("dev", fails=True)
    aws.refused, before = None, len(aws.calls)
    pulumi.up("dev")
    made = [call.name for call in aws.calls[before:] if call.method == "Create"]
    assert "handler-function" in made
    assert "blueprints-bucket" not in made
    assert "unchanged" in pulumi.run("refresh", "--yes", "--skip-preview", "--suppress-progress", "--stack", "dev")


def test_a_killed_deployment_can_be_continued(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    pulumi, aws = engine.pulumi, engine.aws
    monkeypatch.setattr(stacks, "ROOT", pulumi.folder)
    for name, value in pulumi.environment.items():
        monkeypatch.setenv(name, value)
    pulumi.run("stack", "init", "dev")
    aws.held = "handler-function"
    # One thing at a time, so that nothing else is under way.
    running = pulumi.start("up", "--yes", "--skip-preview", "--parallel", "1", "--stack", "dev")
    assert aws.waiting.wait(timeout=120)
    running.kill()
    running.communicate()
    with pytest.raises(OperationError, match=r"locked since \S+ by \S+ \(pid \d+\): .*pulumi cancel --yes --stack dev"):
        stacks.refuse_locked("dev")
    pulumi.run("cancel", "--yes", "--stack", "dev")
    before = len(aws.calls)
    stacks.refuse_locked("dev")
    assert aws.calls[before:] == [], "the look at the lock changes nothing"
    assert stacks.interrupted("dev") == ["creating aws:lambda/function:Function handler-function"]
    aws.held = None
    pulumi.up("dev")
    before = len(aws.calls)
    pulumi.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", "dev")
    assert "pending" not in pulumi.up("dev")
    assert aws.calls[before:] == []
