"""A function's archive on disk, and the packages of Lambda's own runtime."""

import hashlib
import re
import sys
import sysconfig
import tempfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

_RUNTIME_CLIENT = "awslambdaric"


def unpack(archive: Path, under: Path) -> Path:
    """Unpacks a zip file once, into a directory named by its content.

    Functions that share an archive may unpack it at the same time: the first to finish gives the directory its name,
    the others delete their copy.
    """
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    directory = under / digest[:16]
    if directory.is_dir():
        return directory
    with tempfile.TemporaryDirectory(dir=under, prefix=f"{digest[:16]}-", ignore_cleanup_errors=True) as partial:
        content_directory = Path(partial) / "content"
        with zipfile.ZipFile(archive) as content:
            content.extractall(content_directory)
        try:
            content_directory.rename(directory)
        except OSError:
            if not directory.is_dir():
                raise
    return directory


def runtime_directory(under: Path) -> Path:
    """A directory with only the Runtime Interface Client and its dependencies: Lambda's `/var/runtime`."""
    directory = under / "var-runtime"
    directory.mkdir()
    site_packages = Path(sysconfig.get_path("platlib"))
    for name in _with_requirements(_RUNTIME_CLIENT):
        for entry in {file.parts[0] for file in distribution(name).files or []} - {"..", "__pycache__"}:
            (directory / entry).symlink_to(site_packages / entry)
    return directory


def _with_requirements(name: str) -> set[str]:
    found = {name}
    for requirement in distribution(name).requires or []:
        required = re.match(r"[\w.-]+", requirement)
        if required and "extra ==" not in requirement:
            found |= _with_requirements(required[0])
    return found


def interpreter() -> list[str]:
    """The Python that runs functions: without its own site-packages and, as in Lambda, leaving no bytecode behind."""
    return [sys.executable, "-S", "-s", "-B"]
