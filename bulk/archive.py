"""The source of the plans: a folder, or the objects under an S3 prefix. Listed as a stream, read one by one."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from bulk.errors import UNREADABLE, BulkInputError, PlanError

# Several threads read a file each at a time. An uncompressed grey scan of 12,000 px a side has 144 MB.
LARGEST_FILE_BYTES = 200_000_000


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A plan's name (its path in the archive, with `/` between the parts), and a version of its content."""

    name: str
    version: str


class Archive(Protocol):
    """A set of plans. `identity` distinguishes archives; `read` may be called from several threads."""

    @property
    def identity(self) -> str: ...

    def list(self) -> Iterator[Listed]:
        """Lists every file that is not hidden. Raises BulkInputError."""
        ...

    def read(self, name: str) -> bytes:
        """The content of a plan's file. Raises PlanError."""
        ...


def open_archive(where: str, *, s3: Any, results: Path) -> Archive:
    """The archive at `s3://bucket/prefix` or in a folder, without the `results` folder.

    Raises:
        BulkInputError: there is no such folder, no bucket is named, or the folder is that of the results.
    """
    if not where:
        raise BulkInputError("no archive is given: give a folder of plans, or s3://<bucket>/<prefix>")
    if where.startswith("s3://"):
        bucket, _, prefix = where.removeprefix("s3://").partition("/")
        if not bucket:
            raise BulkInputError(f"{where}: has no bucket name: give s3://<bucket>/<prefix>")
        return _Prefix(s3, bucket, prefix)
    folder = Path(where)
    if not folder.is_dir():
        raise BulkInputError(f"{where}: is not a folder: give a folder of plans, or s3://<bucket>/<prefix>")
    if folder.resolve() == results.resolve():
        raise BulkInputError(f"{where}: is the folder of the plans: give another folder for the results")
    return _Folder(folder.resolve(), results.resolve())


class _Folder:
    def __init__(self, folder: Path, results: Path) -> None:
        self._folder = folder
        self._results = results

    @property
    def identity(self) -> str:
        return str(self._folder)

    def list(self) -> Iterator[Listed]:
        for folder, folders, files in os.walk(self._folder, onerror=_stop):
            here = Path(folder)
            folders[:] = [one for one in folders if not one.startswith(".") and (here / one).resolve() != self._results]
            # A link to a folder may form a loop, so it is not followed; `read` reports it.
            links = [one for one in folders if (here / one).is_symlink()]
            for name in (*files, *links):
                if name.startswith("."):
                    continue
                path = here / name
                try:
                    status = path.stat()
                except OSError:  # a broken link: `read` reports it
                    yield Listed(name=self._name(path), version="")
                    continue
                if stat.S_ISREG(status.st_mode) or name in links:
                    yield Listed(name=self._name(path), version=f"{status.st_size}-{status.st_mtime_ns}")

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def read(self, name: str) -> bytes:
        try:
            path = self._folder / name
            if path.is_dir():
                raise PlanError(
                    UNREADABLE,
                    "It is a link to a folder, and such links are not followed: process that folder by itself.",
                )
            _check_size(path.stat().st_size)
            return path.read_bytes()
        except OSError as error:
            raise PlanError(UNREADABLE, f"The file cannot be read: {error.strerror}.") from error


class _Prefix:
    """An S3 prefix. A plan's name is its key without the prefix up to the last `/`."""

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix
        self._folder = prefix[: prefix.rfind("/") + 1]

    @property
    def identity(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}"

    def list(self) -> Iterator[Listed]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        try:
            for page in pages:
                for entry in page.get("Contents", []):
                    name = entry["Key"].removeprefix(self._folder)
                    # Consoles create a key that ends in / for an empty folder.
                    if name and not name.endswith("/") and not any(part.startswith(".") for part in name.split("/")):
                        yield Listed(name=name, version=entry["ETag"])
        except (BotoCoreError, ClientError) as error:
            raise BulkInputError(f"{self.identity}: cannot be listed: {error}") from error

    def read(self, name: str) -> bytes:
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=f"{self._folder}{name}")
            _check_size(found["ContentLength"])
            return found["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise PlanError(UNREADABLE, f"The object cannot be read: {' '.join(str(error).split())}") from error


def _check_size(size: int) -> None:
    if size > LARGEST_FILE_BYTES:
        raise PlanError(
            "image_too_large", f"The file has {size} bytes; at most {LARGEST_FILE_BYTES} are allowed: scale it down."
        )


def _stop(error: OSError) -> None:
    raise BulkInputError(f"{error.filename}: cannot be listed: {error.strerror}") from error
