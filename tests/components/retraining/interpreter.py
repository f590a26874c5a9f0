"""moto's interpreter of state machines, which takes a second and 100 MB to import: for tests that execute one.

The interpreter parses a definition three times an execution and makes a client for every call, which takes longer than
all else: both once here. An object's body is a text, as Step Functions gives it (moto 5.2.5 gives botocore's stream).
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
from botocore.response import StreamingBody
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
    state_task_service_sns,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

client_for: Callable[[str, str], Any] = cache(boto_client_for)
_parse = cache(AmazonStateLanguageParser.parse)


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it quicker, and its answers those of Step Functions."""
    for module in (state_task_service_aws_sdk, state_task_service_sns):
        monkeypatch.setattr(
            module, "boto_client_for", lambda service, region, state_credentials: client_for(region, service)
        )
    monkeypatch.setattr(AmazonStateLanguageParser, "parse", staticmethod(_parse))

    def normalised(self: Any, response: Any, *_: Any) -> None:
        for key, value in response.items():
            if isinstance(value, StreamingBody):
                response[key] = value.read().decode()

    monkeypatch.setattr(state_task_service_aws_sdk.StateTaskServiceAwsSdk, "_normalise_response", normalised)


def history(account_id: str, region: str, execution_arn: str) -> Sequence[Any]:
    """An execution's events. moto takes longer to put them into an answer than to execute it."""
    return stepfunctions_parser_backends[account_id][region].get_execution_history(execution_arn)["events"]
