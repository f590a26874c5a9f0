"""The two archives that the program uploads: the function's code and the endpoint's model data.

Both contain only filtered files, sorted and without timestamps, so that an unchanged tree gives an unchanged archive.
They are written to `build/archives/` under the hash of their content: an existing archive is complete and is reused,
and two commands can run at the same time.
"""

import gzip
import hashlib
import io
import os
import re
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from components.wheels import PackagingError, fetch_packages

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_PACKAGE = "runtime"
# The function's own code: itself, and what it shares with the detector.
_FUNCTION_PACKAGES = (FUNCTION_PACKAGE, "pictures")
MODEL_FILE = "best.onnx"
# The int8 copy of the same weights, which the image serves if it is faster.
QUANTIZED_FILES = ("best.int8.xml", "best.int8.bin")
# A .zip file that is uploaded directly: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_FUNCTION_ZIP_BYTES = 50 * 1024 * 1024

# The services whose API descriptions the function needs, X-Ray's for aws-xray-sdk; all others are 95 % of botocore.
_AWS_SERVICES = frozenset({"s3", "dynamodb", "lambda", "sagemaker-runtime", "xray"})
_SERVICE_DATA = (("botocore", "data"), ("boto3", "data"))
# Metadata, scripts, bytecode, type stubs, tests: nothing that is imported.
_LEFT_OUT_FOLDERS = re.compile(r"__pycache__|tests|bin|.*\.dist-info|.*-stubs")
_LEFT_OUT_FILES = re.compile(r".*\.py[ci]|py\.typed")
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class ModelArchive:
    """`model.tar.gz` in SageMaker's format, and the SHA-256 of its content."""

    path: Path
    sha256: str


def package_function(*, runtime: str, root: Path = ROOT) -> Path:
    """Packages `runtime/`, `pictures/` and the packages that they need for Lambda; returns the .zip file.

    Args:
        runtime: the Lambda runtime that it is for, such as python3.11; its packages are fetched once.

    Raises:
        PackagingError: the packages cannot be fetched, one is a wheel that Lambda cannot load, or all are too large.
    """
    dependencies = fetch_packages(runtime=runtime, root=root)
    files = _function_files(dependencies, [root / name for name in _FUNCTION_PACKAGES])
    path = _written_once(
        root / "build" / "archives" / f"function-{_digest(files)}.zip", lambda file: _write_zip(file, files)
    )
    size = path.stat().st_size
    if size > LARGEST_FUNCTION_ZIP_BYTES:
        raise PackagingError(
            f"the function's archive has {size} bytes; Lambda allows {LARGEST_FUNCTION_ZIP_BYTES}: "
            "remove dependencies from requirements/function.in"
        )
    return path


def package_model(*, root: Path = ROOT) -> ModelArchive:
    """Packages `models/best.onnx`, and its int8 copy if there is one, for SageMaker, which unpacks it into
    /opt/ml/model.

    Raises:
        PackagingError: the weights are missing.
    """
    files = {name: root / "models" / name for name in (MODEL_FILE, *QUANTIZED_FILES)}
    if not files[MODEL_FILE].is_file():
        raise PackagingError(f"models/{MODEL_FILE} is missing: restore it from git, or publish a model there")
    files = {name: path for name, path in files.items() if path.is_file()}
    sha256 = _digest(files)
    path = _written_once(
        root / "build" / "archives" / f"model-{sha256}.tar.gz", lambda file: _write_model_tar(file, files)
    )
    return ModelArchive(path=path, sha256=sha256)


def _digest(files: Mapping[str, Path]) -> str:
    """SHA-256 of names and contents."""
    digest = hashlib.sha256()
    for name, path in files.items():
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _function_files(dependencies: Path, packages: Sequence[Path]) -> Mapping[str, Path]:
    """Name in the archive to file, sorted by name."""
    files = dict(_files(dependencies))
    files |= {f"{package.name}/{name}": path for package in packages for name, path in _files(package)}
    return dict(sorted(files.items()))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    # Excluded folders are not walked: botocore's other services are 400 folders.
    for parent, folders, files in os.walk(folder):
        inside = Path(parent).relative_to(folder).parts
        folders[:] = [name for name in folders if _is_needed_folder(*inside, name)]
        for name in files:
            if not _LEFT_OUT_FILES.fullmatch(name):
                yield "/".join((*inside, name)), Path(parent, name)


def _is_needed_folder(*path: str) -> bool:
    if _LEFT_OUT_FOLDERS.fullmatch(path[-1]):
        return False
    return path[:-1] not in _SERVICE_DATA or path[-1] in _AWS_SERVICES


def _write_zip(file: IO[bytes], files: Mapping[str, Path]) -> None:
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name, date_time=_ZIP_EPOCH)
            entry.create_system = 3  # Unix: the permissions below count
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())


def _write_model_tar(file: IO[bytes], files: Mapping[str, Path]) -> None:
    # Weights hardly compress: a low level saves seconds and costs almost nothing.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=1, mtime=0) as compressed,
        tarfile.open(mode="w", fileobj=compressed, format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, path in files.items():
            content = path.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))


def _written_once(path: Path, write: Callable[[IO[bytes]], None]) -> Path:
    """Writes the file unless it exists; it gets its name only when it is complete."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=path.suffix, delete=False) as file:
            partial = Path(file.name)
            try:
                write(file)
            except BaseException:
                partial.unlink()
                raise
        partial.chmod(0o644)
        partial.replace(path)
    return path
