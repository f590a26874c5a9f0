"""Uploads a set of plans to the bucket, under `training/` and `validation/`, where training jobs read its channels.

Each file is one PUT with a SHA-256 that S3 verifies and stores. A file that is already there with the same size and
checksum is not sent again, so an interrupted upload continues where it stopped. Nothing in the bucket is removed.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from blueprints.datasets import yolo
from blueprints.datasets.channels import CHANNELS
from blueprints.datasets.conversion import Step
from blueprints.errors import BlueprintError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AT_ONCE = 8

ONE_PUT = TransferConfig(multipart_threshold=5 * 1024**3, use_threads=False)
"""S3 takes 5 GB in one PUT. Parts would have a checksum of checksums, which depends on their sizes."""

ADVICE = {
    "NoSuchBucket": "there is no such bucket: check the stack's outputs, or deploy the stage first",
    "404": "there is no such bucket: check the stack's outputs, or deploy the stage first",
    "AccessDenied": "access is denied: s3:ListBucket, s3:GetObject and s3:PutObject are needed",
    "403": "access is denied: s3:ListBucket, s3:GetObject and s3:PutObject are needed",
    "PermanentRedirect": "the bucket is in another region: give --region",
    "InvalidAccessKeyId": "AWS does not know these credentials",
    "SignatureDoesNotMatch": "AWS refuses these credentials",
    "ExpiredToken": "the credentials have expired",
}


@dataclass(frozen=True, kw_only=True)
class Report:
    """Numbers of files `sent` (with `sent_bytes`) and `kept`, and the keys of `others` below the same prefixes."""

    sent: int
    sent_bytes: int
    kept: int
    others: tuple[str, ...]


def files(directory: Path) -> dict[str, Path]:
    """The images and labels of a set's channels by their keys; BlueprintError if a channel is missing."""
    found: dict[str, Path] = {}
    for channel in CHANNELS:
        if not (directory / channel).is_dir():
            raise BlueprintError(
                f"{directory}: has no folder {channel}: give a set written by python -m blueprints convert, with"
                " training/images/train and validation/images/val"
            )
        for plan in yolo.plans(directory / channel):
            for path in (plan.image, plan.labels):
                found[path.relative_to(directory).as_posix()] = path
    return found


def upload(directory: Path, bucket: str, region: str | None, step: Step) -> Report:
    """Send the files that are not in the bucket yet. BlueprintError if AWS refuses; files sent before that stay."""
    local = files(directory)
    with _one_line(bucket):
        client = boto3.client("s3", region_name=region, config=Config(max_pool_connections=AT_ONCE))
        there = _sizes(client, bucket)
    sent: list[int | None] = []
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        with _one_line(bucket):
            futures = [pool.submit(_send, client, bucket, key, path, there.get(key)) for key, path in local.items()]
            for future in futures:
                sent.append(future.result())
                step("uploading", len(sent), len(local))
    except BlueprintError as error:
        raise BlueprintError(
            f"{error} ({len(sent)} of {len(local)} files were sent: run it again to send the rest)"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
    sizes = [size for size in sent if size is not None]
    return Report(
        sent=len(sizes),
        sent_bytes=sum(sizes),
        kept=len(sent) - len(sizes),
        others=tuple(sorted(there.keys() - local.keys())),
    )


def _sizes(client: S3Client, bucket: str) -> dict[str, int]:
    """The size of each object below the channels' prefixes, by key, without the console's folder objects."""
    pages = client.get_paginator("list_objects_v2")
    return {
        one["Key"]: one["Size"]
        for channel in CHANNELS
        for page in pages.paginate(Bucket=bucket, Prefix=f"{channel}/")
        for one in page.get("Contents", [])
        if not one["Key"].endswith("/")
    }


def _send(client: S3Client, bucket: str, key: str, path: Path, size_there: int | None) -> int | None:
    """The bytes sent; None if the object is already the same file."""
    content = path.read_bytes()
    if size_there == len(content):
        checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
        if client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED").get("ChecksumSHA256") == checksum:
            return None
    client.upload_file(str(path), bucket, key, ExtraArgs={"ChecksumAlgorithm": "SHA256"}, Config=ONE_PUT)
    return len(content)


@contextmanager
def _one_line(bucket: str) -> Iterator[None]:
    """Turns boto3's exceptions into one line that says what to do."""
    try:
        yield
    except NoCredentialsError as error:
        raise BlueprintError(
            f"s3://{bucket}: there are no AWS credentials: set AWS_PROFILE, or run aws configure"
        ) from error
    except ClientError as error:
        raise BlueprintError(f"s3://{bucket}: {_advice(error)}") from error
    except S3UploadFailedError as error:
        cause = error.__context__
        what = _advice(cause) if isinstance(cause, ClientError) else str(error)
        raise BlueprintError(f"s3://{bucket}: {what}") from error
    except (BotoCoreError, ValueError) as error:
        raise BlueprintError(f"s3://{bucket}: {' '.join(str(error).split())}") from error


def _advice(error: ClientError) -> str:
    code = error.response["Error"].get("Code", "")
    return ADVICE.get(code, f"{code}: {error.response['Error'].get('Message', '')}")
