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
# Amazon Linux 2 has glibc 2.26; manylinux2014 is the newest platform below it that wheels are built for.
_NEWEST_GLIBC = (2, 17)
_NAMED_GLIBCS = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class PackagingError(Exception):
    """Something to package is missing or not suitable; the text is one line that says what to do."""


@dataclass(frozen=True, kw_only=True)
class ModelArchive:
    """`model.tar.gz` in SageMaker's format, and the SHA-256 of its content."""

    path: Path
    sha256: str


def package_function(*, runtime: str, root: Path = ROOT) -> Path:
    """Packages `runtime/`, `pictures/` and their dependencies from `build/function/` for Lambda; returns the .zip file.

    Args:
        runtime: the Lambda runtime that the dependencies must match, such as python3.11.

    Raises:
        PackagingError: the dependencies are missing, one is a wheel that Lambda cannot load, or all are too large.
    """
    dependencies = root / "build" / "function"
    if not any(dependencies.glob("*.dist-info")):
        raise PackagingError("build/function is missing: run make package")
    check_wheels(dependencies, runtime=runtime)
    files = _function_files(dependencies, [root / name for name in _FUNCTION_PACKAGES])
    path = _written_once(
        root / "build" / "archives" / f"function-{_digest(files)}.zip", lambda file: _write_zip(file, files)
    )
    size = path.stat().st_size
    if size > LARGEST_FUNCTION_ZIP_BYTES:
        raise PackagingError(
            f"the function's archive has {size} bytes, Lambda takes {LARGEST_FUNCTION_ZIP_BYTES}: "
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


def check_wheels(folder: Path, *, runtime: str) -> None:
    """Refuses a folder with a wheel for another Python, another processor or a newer glibc than Lambda's.

    Raises:
        PackagingError: names the first such package and its tags.
    """
    python = "cp" + runtime.removeprefix("python").replace(".", "")
    for metadata in sorted(folder.glob("*.dist-info/WHEEL")):
        tags = re.findall(r"^Tag: (\S+)$", metadata.read_text(), flags=re.MULTILINE)
        if not any(_fits_lambda(tag, python) for tag in tags):
            package = metadata.parent.name.removesuffix(".dist-info")
            raise PackagingError(
                f"build/function: {package} is a wheel for {', '.join(tags)}, which {runtime} on Lambda cannot load: "
                "run make package, or pin a release with a manylinux2014_x86_64 wheel"
            )


def _fits_lambda(tag: str, python: str) -> bool:
    interpreter, abi, platform = tag.rsplit("-", 2)
    if abi == "abi3":
        # A stable-ABI wheel works with the Python it was built for and every later one: cp37 works with cp311.
        if int(interpreter.removeprefix("cp3")) > int(python.removeprefix("cp3")):
            return False
    elif interpreter not in ("py3", "py2.py3", python):
        return False
    if platform == "any":
        return True
    glibc = re.fullmatch(r"(manylinux\d+|manylinux_(\d+)_(\d+))_x86_64", platform)
    if glibc is None:
        return False
    needed = (int(glibc[2]), int(glibc[3])) if glibc[2] else _NAMED_GLIBCS.get(glibc[1])
    return needed is not None and needed <= _NEWEST_GLIBC


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
