"""What the stores share: clients made once, and calls that always end and fail with the project's own errors."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import TypeVar

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError

from runtime.errors import InternalError, UnavailableError
from runtime.tracing import Trace

Result = TypeVar("Result")

# The services' words for "not now". What says it by status alone (429, 503) is recognised by that.
_NOT_NOW = frozenset(
    {
        "InternalError",  # S3
        "InternalServerError",  # DynamoDB
        "LimitExceededException",
        "OperationAborted",  # S3
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",  # S3
        "ServiceUnavailable",
        "SlowDown",  # S3
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class TooSlowError(UnavailableError):
    """The service did not answer in time; what it was asked to do may or may not have happened."""


class RefusedError(InternalError):
    """The service answered with an error. A store turns the codes that it expects into errors of their own."""

    def __init__(self, service: str, operation: str, error: ClientError) -> None:
        details = error.response.get("Error", {})
        self.aws_code = details.get("Code", "")
        self.aws_message = details.get("Message", "")
        self.aws_status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        self.reply = error.response
        super().__init__(f"{service} refused {operation}: {self.aws_code} {self.aws_message}")


@cache
def session() -> boto3.session.Session:
    """The process's one session: its clients share the service descriptions that were read and the credentials."""
    return boto3.session.Session()


def within(seconds: float, request: Callable[[], Result]) -> Result:
    """The result of `request()`, or TimeoutError after `seconds`, whatever it is that takes so long.

    Socket timeouts bound one read each: not a name lookup, not the retries together, not a body that trickles in.
    The thread that is left behind ends with its own socket's timeout; nobody waits for it.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(request())
        except BaseException as error:  # handed to the caller, who raises it
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result(timeout=seconds)


def call(trace: Trace, service: str, operation: str, seconds: float, request: Callable[[], Result]) -> Result:
    """The result of `request()`: one `operation` of `service`, traced, in at most `seconds`.

    Raises TooSlowError, UnavailableError (throttled, failing or out of reach) or RefusedError (every other answer).
    """
    try:
        with trace(service, operation):
            return within(seconds, request)
    except (TimeoutError, ConnectTimeoutError, ReadTimeoutError) as error:
        raise TooSlowError(f"{service} did not answer within {seconds:.0f} s: try again.") from error
    except ClientError as error:
        refused = RefusedError(service, operation, error)
        if refused.aws_code in _NOT_NOW or refused.aws_status in (429, 503):
            raise UnavailableError(f"{service} is busy ({refused.aws_code}): try again.") from error
        raise refused from error
    except (AwsConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise UnavailableError(f"{service} cannot be reached: try again.") from error
    except BotoCoreError as error:
        raise InternalError(f"{service} {operation} could not be sent: {error}") from error
