"""What an account's quotas have no room for stops before it begins, with the setting to lower."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from components.settings.stage import parse_settings
from operations import quotas
from operations.external import OperationError
from operations.served import Fleet

INSTANCES = "ml.c5.xlarge for endpoint usage"
CONCURRENCY = "Maximum total concurrency that can be allocated across all serverless endpoints"
THREE = Fleet(instance_type="ml.c5.xlarge", instances=3)


@pytest.mark.parametrize(
    ("settings", "known", "fleet", "line"),
    [
        ({}, {INSTANCES: 2.0}, None, "is 2 and endpoint.maxInstances is 3: lower it"),
        ({}, {INSTANCES: 5.0}, THREE, "is 5 and an update of 3 instances needs 6"),
        ({"inference": "serverless"}, {CONCURRENCY: 5.0}, None, "is 5 and serverless.maxConcurrency is 10: lower it"),
    ],
)
def test_a_stage_that_does_not_fit_is_told_which_setting_to_lower(
    monkeypatch: pytest.MonkeyPatch,
    settings: Mapping[str, Any],
    known: Mapping[str, float],
    fleet: Fleet | None,
    line: str,
):
    monkeypatch.setattr(quotas, "sagemaker_quotas", lambda _: known)
    with pytest.raises(OperationError) as error:
        quotas.check(parse_settings(settings, key="settings"), "us-east-2", fleet)
    assert line in str(error.value)


@pytest.mark.parametrize(("known", "fleet"), [({INSTANCES: 6.0}, THREE), ({}, THREE), ({INSTANCES: 3.0}, None)])
def test_a_stage_that_fits_or_whose_quota_is_unknown_is_deployed(
    monkeypatch: pytest.MonkeyPatch, known: Mapping[str, float], fleet: Fleet | None
):
    monkeypatch.setattr(quotas, "sagemaker_quotas", lambda _: known)
    quotas.check(parse_settings({}, key="settings"), "us-east-2", fleet)


@pytest.mark.parametrize(
    ("limit", "line"),
    [(10, "leave it out"), (110, "lower it to at most 10"), (1000, None)],
    ids=lambda value: str(value),
)
def test_a_new_accounts_concurrency_cannot_be_reserved(monkeypatch: pytest.MonkeyPatch, limit: int, line: str | None):
    client = boto3.client("lambda", "us-east-2", aws_access_key_id="testing", aws_secret_access_key="testing")
    settings = {"inference": "lambda", "detectorFunction": {"reservedConcurrency": 20}}
    with Stubber(client) as stubbed:
        stubbed.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": limit}})
        monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
        if line is None:
            quotas.check(parse_settings(settings, key="settings"), "us-east-2", None)
        else:
            with pytest.raises(OperationError, match=line):
                quotas.check(parse_settings(settings, key="settings"), "us-east-2", None)


def test_an_account_that_may_not_read_its_quotas_can_still_deploy(monkeypatch: pytest.MonkeyPatch):
    client = boto3.client("service-quotas", "us-east-2", aws_access_key_id="testing", aws_secret_access_key="testing")
    with Stubber(client) as stubbed:
        stubbed.add_client_error("list_service_quotas", "AccessDeniedException")
        monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
        quotas.check(parse_settings({}, key="settings"), "us-east-2", None)
