"""A deployed stage as a run sees it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bulk.stage import BulkStage, StageFolder
from tests.bulk.account import outputs

JOB = "room-detection-dev-bulk-1a2b3c4d-00001"


class Refusing:
    """A SageMaker that refuses to describe a job."""

    def __init__(self, code: str, message: str) -> None:
        self._error: Any = {"Error": {"Code": code, "Message": message}}

    def describe_transform_job(self, **_: Any) -> dict[str, Any]:
        raise ClientError(self._error, "DescribeTransformJob")


def folder(code: str, message: str) -> StageFolder:
    stage = BulkStage.from_outputs(outputs(), instances=None)
    return StageFolder(stage, "1a2b3c4d", s3=None, sagemaker=Refusing(code, message))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFound", "Resource being access is not found."),
        ("ValidationException", f"Could not find requested job with name: {JOB}"),
    ],
)
def test_a_job_that_sagemaker_does_not_know_has_no_state(code: str, message: str) -> None:
    assert folder(code, message).state(JOB) is None


def test_any_other_refusal_is_an_error() -> None:
    with pytest.raises(ClientError, match="not authorized"):
        folder("AccessDeniedException", "not authorized").state(JOB)
