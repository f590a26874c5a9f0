"""What every creating function takes and returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.account.clients import ACCOUNT_ID, AwsClients
from local.account.inputs import Inputs


@dataclass(frozen=True, kw_only=True)
class Request:
    """One resource to create: in which AWS, its logical name, its inputs, and the API's origin."""

    aws: AwsClients
    name: str
    inputs: Inputs
    api_origin: str

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something of this account and region."""
        return f"arn:aws:{service}:{self.aws.region}:{ACCOUNT_ID}:{rest}"


@dataclass(frozen=True, kw_only=True)
class Created:
    """The resource's identifier and the outputs that are not inputs, with the provider's names."""

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)


Create = Callable[[Request], Created]
