"""Blueprint images in S3, under `blueprints/<id>.<extension>`.

Every S3 call ends within the limits of `runtime.time_budget`. Role: s3:PutObject and s3:GetObject on `blueprints/*`,
s3:ListBucket on the bucket for that prefix.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from botocore.config import Config

from runtime.errors import ImageGoneError
from runtime.stores.aws import RefusedError, call, session
from runtime.time_budget import IMAGE_GET_SECONDS, IMAGE_PUT_SECONDS
from runtime.tracing import Trace

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})


class ImageStore:
    """The images of one bucket."""

    def __init__(self, bucket: str, trace: Trace) -> None:
        self._bucket = bucket
        self._trace = trace

    @cached_property
    def _client(self) -> "S3Client":
        return session().client("s3", config=_CONFIG)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store an image. Raises UnavailableError."""
        client = self._client
        call(
            self._trace,
            "S3",
            "PutObject",
            IMAGE_PUT_SECONDS,
            lambda: client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type),
        )

    def get(self, key: str) -> bytes:
        """An image's bytes, exactly as stored. Raises ImageGoneError or UnavailableError."""
        client = self._client

        def download() -> bytes:
            reply = client.get_object(Bucket=self._bucket, Key=key)
            return reply["Body"].read()

        try:
            return call(self._trace, "S3", "GetObject", IMAGE_GET_SECONDS, download)
        except RefusedError as error:
            # S3 answers AccessDenied for a missing key unless the caller may list the bucket, and a permission
            # limited to a prefix may not be enough. Listing exactly that prefix tells which it is.
            if error.aws_code == "NoSuchKey" or (error.aws_code == "AccessDenied" and not self._is_listed(key)):
                raise ImageGoneError("The blueprint's image no longer exists: upload it again.") from error
            raise

    def _is_listed(self, key: str) -> bool:
        client = self._client
        listing = call(
            self._trace,
            "S3",
            "ListObjectsV2",
            IMAGE_GET_SECONDS,
            lambda: client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1),
        )
        return listing["KeyCount"] > 0
