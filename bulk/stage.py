"""A deployed stage as bulk processing uses it: the place for plans, transform jobs, and their answers."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError

from bulk.errors import BulkInputError

_ANSWER_SUFFIX = ".out"  # SageMaker names the answer to an object by its name and this suffix


@dataclass(frozen=True, kw_only=True)
class JobState:
    """`status` is SageMaker's (InProgress, Completed, Failed, Stopping, Stopped); `reason` explains a failure."""

    status: str
    reason: str

    @property
    def ended(self) -> bool:
        return self.status in ("Completed", "Failed", "Stopped")


@dataclass(frozen=True, kw_only=True)
class BulkStage:
    """The program's exports for bulk processing.

    Attributes:
        model: the location of the model archive; with another model, it is another run.
        request: SageMaker's CreateTransformJob request without the job's name, its input and its output.
    """

    bucket: str
    model: str
    input_prefix: str
    output_prefix: str
    job_name_prefix: str
    plans_per_job: int
    concurrent_jobs: int
    request: Mapping[str, Any]

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any], instances: int | None) -> Self:
        """Reads a stack's exports; `instances` per job replaces the stage's own number.

        Raises:
            BulkInputError: the stage has no model.
        """
        plan = outputs.get("bulk")
        if not plan:
            raise BulkInputError(
                "the stage has no model to process plans with: set inferenceImageDigest, or run make deploy"
            )
        request = dict(plan["request"])
        if instances is not None:
            request["TransformResources"] = {**request["TransformResources"], "InstanceCount": instances}
        return cls(
            bucket=plan["bucket"],
            model=outputs["modelDataUrl"],
            input_prefix=plan["inputPrefix"],
            output_prefix=plan["outputPrefix"],
            job_name_prefix=plan["jobNamePrefix"],
            plans_per_job=plan["plansPerJob"],
            concurrent_jobs=plan["concurrentJobs"],
            request=request,
        )


class StageFolder:
    """One run's objects and jobs in a stage. Inputs are named by their keys, the last parts of their names in S3.

    The objects' methods may be called from several threads.
    """

    def __init__(self, stage: BulkStage, run: str, *, s3: Any, sagemaker: Any) -> None:
        self._stage = stage
        self._inputs = f"{stage.input_prefix}{run}/"
        self._s3 = s3
        self._sagemaker = sagemaker
        self._lock = threading.Lock()
        self._uploaded: set[str] = set()
        self._uploading: dict[str, threading.Event] = {}

    def know(self, keys: Iterable[str]) -> None:
        """Marks inputs as already uploaded."""
        self._uploaded.update(keys)

    def upload(self, key: str, content: bytes) -> None:
        """Uploads an input, unless it is there or another thread uploads it; on return, it is in S3."""
        with self._lock:
            if key in self._uploaded:
                return
            others = self._uploading.get(key)
            if others is None:
                self._uploading[key] = threading.Event()
        if others is not None:
            others.wait()
            return
        try:
            self._s3.put_object(Bucket=self._stage.bucket, Key=f"{self._inputs}{key}", Body=content)
            self._uploaded.add(key)
        finally:
            self._uploading.pop(key).set()

    def present(self) -> set[str]:
        """The keys of the inputs that are in S3."""
        return {name.rpartition("/")[2] for name in self._names(self._inputs)}

    def start(self, job: str, keys: Sequence[str]) -> None:
        """Starts a job over these inputs."""
        manifest = f"{self._inputs}{job}.manifest"
        listed = [{"prefix": f"s3://{self._stage.bucket}/{self._inputs}"}, *keys]
        self._s3.put_object(Bucket=self._stage.bucket, Key=manifest, Body=json.dumps(listed).encode())
        request = dict(self._stage.request)
        source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{self._stage.bucket}/{manifest}"}
        output = f"s3://{self._stage.bucket}/{self._answers(job)}"
        self._sagemaker.create_transform_job(
            **request
            | {
                "TransformJobName": job,
                "TransformInput": {**request["TransformInput"], "DataSource": {"S3DataSource": source}},
                "TransformOutput": {**request["TransformOutput"], "S3OutputPath": output},
            }
        )

    def state(self, job: str) -> JobState | None:
        """The state of a job; None if SageMaker does not know it."""
        try:
            found = self._sagemaker.describe_transform_job(TransformJobName=job)
        except ClientError as error:
            # The documented code, and the one that SageMaker really returns: https://github.com/aws/aws-sdk/issues/165.
            code = error.response.get("Error", {}).get("Code")
            if code == "ResourceNotFound" or "could not find" in str(error).lower():
                return None
            raise
        return JobState(status=found["TransformJobStatus"], reason=found.get("FailureReason", ""))

    def answered(self, job: str) -> dict[str, str]:
        """The inputs that a job has answered so far, each with the name of its answer in S3.

        SageMaker writes each answer completely, one by one, while the job runs, even if the job fails later
        (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformOutput.html).
        """
        names = (name for name in self._names(self._answers(job)) if name.endswith(_ANSWER_SUFFIX))
        # The folders below the output depend on the kind of input; only the last part of a name is the input's.
        return {name.rpartition("/")[2].removesuffix(_ANSWER_SUFFIX): name for name in names}

    def answer(self, name: str) -> bytes:
        return self._s3.get_object(Bucket=self._stage.bucket, Key=name)["Body"].read()

    def _answers(self, job: str) -> str:
        return f"{self._stage.output_prefix}{job}/"

    def _names(self, prefix: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._stage.bucket, Prefix=prefix)
        for page in pages:
            yield from (entry["Key"] for entry in page.get("Contents", []))
