"""boto3's clients for tests with moto: one of a service, which takes as long to make as all that a test asks of it."""

from functools import cache
from typing import Any

import boto3
from botocore.loaders import JSONFileLoader

REGION = "us-east-2"


@cache
def client(service: Any, region: str = REGION) -> Any:
    """A client for use within `mock_aws`, whose accounts come and go while the client stays."""
    return boto3.client(service, region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing")


def read_api_descriptions_once() -> None:
    """moto gives each test a new session, which would read AWS's descriptions of its APIs again."""
    read = cache(JSONFileLoader().load_file)

    def load_file(self: JSONFileLoader, file_path: str) -> Any:
        return read(file_path)

    JSONFileLoader.load_file = load_file
