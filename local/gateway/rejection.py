"""The gateway's own answers: their types, and the default of each if the API's body does not define it.

Statuses and messages:
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from local.gateway.api import GatewayResponse
from local.gateway.context import error_variables, fill

# Type: status, message, `x-amzn-ErrorType`.
_AWS_DEFAULTS: Mapping[str, tuple[int, str, str]] = {
    "API_CONFIGURATION_ERROR": (500, "Internal server error", "InternalServerErrorException"),
    "BAD_REQUEST_BODY": (400, "Invalid request body", "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": (400, "Missing required request parameters", "BadRequestException"),
    "DEFAULT_5XX": (500, "Internal server error", "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": (504, "Endpoint request timed out", "InternalServerErrorException"),
    "INVALID_API_KEY": (403, "Forbidden", "ForbiddenException"),
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
    "QUOTA_EXCEEDED": (429, "Limit Exceeded", "LimitExceededException"),
    "REQUEST_TOO_LARGE": (413, "Request Too Long", "RequestTooLongException"),
    "THROTTLED": (429, "Too Many Requests", "TooManyRequestsException"),
}
_AWS_TEMPLATE = '{"message":$context.error.messageString}'


class RejectionError(Exception):
    """The gateway answers instead of the integration.

    Attributes:
        type: the gateway response type.
        status: overrides the type's status where AWS does so, such as 502 for a function without a usable answer.
        detail: what went wrong, for `$context.error.message` and the log.
    """

    def __init__(
        self, response_type: str, *, message: str | None = None, status: int | None = None, detail: str | None = None
    ) -> None:
        self.type = response_type
        self.message = message or _AWS_DEFAULTS[response_type][1]
        self.status = status
        self.detail = detail
        super().__init__(f"{response_type}: {detail or self.message}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def answer(
    rejection: RejectionError, declared: Mapping[str, GatewayResponse], variables: Mapping[str, object]
) -> Answer:
    """The HTTP answer: the entry for it in the API's body, else the default of its class there, else AWS's."""
    aws_status, _, error_type = _AWS_DEFAULTS[rejection.type]
    fallback = "DEFAULT_5XX" if (rejection.status or aws_status) >= 500 else "DEFAULT_4XX"
    response = declared.get(rejection.type, declared.get(fallback))
    filled = {**variables, **error_variables(rejection.type, rejection.message, rejection.detail)}
    template = response.template if response and response.template is not None else _AWS_TEMPLATE
    status = (response.status if response else None) or rejection.status or aws_status
    headers = {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": error_type,
        **(response.headers if response else {}),
    }
    return Answer(status=status, headers=list(headers.items()), body=fill(template, filled, "").encode())
