"""An account for runs: moto's S3, and a SageMaker whose transform jobs answer, fail and stop as a test says.

moto completes every job at once and without an answer; here a job answers each input of its manifest but the offenders,
when it is described for the first time, and says how it ended when it is described for the second.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

REGION = "us-east-2"
BUCKET = "room-detection-ai-blueprints-dev-123456789012"
ROOM = {"id": "room_1", "bounding_box": [100, 100, 500, 400], "confidence": 0.9}
ANSWER = {"rooms": [ROOM], "image": {"width": 640, "height": 480}}
OUTPUTS: Mapping[str, Any] = {
    "modelDataUrl": f"s3://{BUCKET}/models/1/model.tar.gz",
    "bulk": {
        "bucket": BUCKET,
        "inputPrefix": "batch/input/",
        "outputPrefix": "batch/output/",
        "jobNamePrefix": "room-detection-dev-bulk-",
        "plansPerJob": 100,
        "concurrentJobs": 1,
        "request": {
            "ModelName": "room-detection-yolov8-dev-model-1a2b3c4",
            "MaxPayloadInMB": 6,
            "TransformInput": {"ContentType": "application/x-image"},
            "TransformOutput": {"Accept": "application/json"},
            "TransformResources": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1},
        },
    },
}


def outputs(**changes: Any) -> dict[str, Any]:
    """The stack's exports, with changes of what is exported for bulk processing."""
    return {**OUTPUTS, "bulk": {**OUTPUTS["bulk"], **changes}}


@dataclass
class Job:
    """`inputs` are the keys of its manifest."""

    request: Mapping[str, Any]
    inputs: Sequence[str]
    looks: int = 0


@dataclass
class SageMaker:
    """The calls of SageMaker that a run makes.

    Attributes:
        offenders: keys of inputs that no job answers.
        refuses_to: how many further jobs fail before they answer anything.
        stops: the next job is stopped by somebody.
        answer: what an input is answered with.
    """

    s3: Any
    offenders: set[str] = field(default_factory=set)
    refuses_to: int = 0
    stops: bool = False
    answer: bytes = json.dumps(ANSWER).encode()
    jobs: dict[str, Job] = field(default_factory=dict)

    def create_transform_job(self, **request: Any) -> dict[str, Any]:
        report = ParamValidator().validate(request, request_shape())
        assert not report.has_errors(), report.generate_report()
        assert request["TransformJobName"] not in self.jobs
        source = request["TransformInput"]["DataSource"]["S3DataSource"]
        assert source["S3DataType"] == "ManifestFile"
        first, *keys = json.loads(self._object(source["S3Uri"]))
        for key in keys:
            self._object(f"{first['prefix']}{key}")
        self.jobs[request["TransformJobName"]] = Job(request=request, inputs=keys)
        return {}

    def describe_transform_job(self, *, TransformJobName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        job = self.jobs.get(TransformJobName)
        if job is None:
            message = f"Could not find transform job '{TransformJobName}'."
            raise ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "DescribeTransformJob")
        job.looks += 1
        if job.looks == 1:
            if self.stops or self.refuses_to:
                return {"TransformJobStatus": "InProgress"}
            self._answer(job)
            return {"TransformJobStatus": "InProgress"}
        if self.stops:
            self.stops = False
            return {"TransformJobStatus": "Stopped"}
        if self.refuses_to:
            self.refuses_to -= 1
            return {"TransformJobStatus": "Failed", "FailureReason": "AlgorithmError: no such model"}
        if self.offenders & set(job.inputs):
            return {"TransformJobStatus": "Failed", "FailureReason": "ClientError: See job logs"}
        return {"TransformJobStatus": "Completed"}

    def _answer(self, job: Job) -> None:
        bucket, _, prefix = job.request["TransformOutput"]["S3OutputPath"].removeprefix("s3://").partition("/")
        for key in set(job.inputs) - self.offenders:
            self.s3.put_object(Bucket=bucket, Key=f"{prefix}a/folder/{key}.out", Body=self.answer)

    def _object(self, url: str) -> bytes:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()


@functools.cache
def request_shape() -> Any:
    """What botocore knows of the request that creates a job."""
    return botocore.session.get_session().get_service_model("sagemaker").shape_for("CreateTransformJobRequest")


def s3_with_bucket() -> Any:
    """moto's S3, within `mock_aws`, with the stage's bucket."""
    s3 = boto3.client("s3", region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3
