"""The function's packages: wheels for the Python of its Lambda runtime, fetched once.

They are unpacked in `build/packages/`, in a folder for the runtime and the hash of `requirements/function.txt`. A
folder that exists is complete, and two commands can fetch at the same time.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REQUIREMENTS = Path("requirements", "function.txt")
# Lambda's python3.11 runs on Amazon Linux 2 with glibc 2.26; later runtimes have 2.34:
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html. manylinux2014, glibc 2.17, works on all.
PLATFORM = "manylinux2014_x86_64"
_NEWEST_GLIBC = (2, 17)
_NAMED_GLIBCS = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


class PackagingError(Exception):
    """A file to package is missing or does not fit; the text is one line that says what to do."""


def fetch_packages(*, runtime: str, root: Path) -> Path:
    """The folder with the unpacked wheels of `requirements/function.txt` for that runtime.

    The first call fetches them, which takes some seconds and needs the network.

    Args:
        runtime: a Lambda runtime, such as python3.11. It need not be the Python that runs this.

    Raises:
        PackagingError: they cannot be fetched, or one is a wheel that Lambda cannot load.
    """
    requirements = root / REQUIREMENTS
    locked = hashlib.sha256(requirements.read_bytes()).hexdigest()
    folder = root / "build" / "packages" / f"{runtime}-{locked[:16]}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as partial:
        packages = Path(partial) / "packages"
        _install(requirements, packages, runtime)
        check_wheels(packages, runtime=runtime)
        try:
            packages.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder


def _install(requirements: Path, folder: Path, runtime: str) -> None:
    print(f"fetching the function's packages for {runtime}", file=sys.stderr, flush=True)
    options = ("--require-hashes", "--no-deps", "--no-compile", "--only-binary", ":all:", "--implementation", "cp")
    target = ("--platform", PLATFORM, "--python-version", runtime.removeprefix("python"), "--target", str(folder))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options, *target]
    ended = subprocess.run([*command, "-r", str(requirements)], capture_output=True, text=True, check=False)
    if ended.returncode:
        errors = [line for line in ended.stderr.splitlines() if line.startswith("ERROR: ")] or [ended.stderr]
        raise PackagingError(
            f"the function's packages for {runtime} cannot be fetched: {' '.join(errors[-1].split())}: check the "
            f"network, or pin releases with wheels for {runtime} in {REQUIREMENTS}"
        )


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
                f"{package} is a wheel for {', '.join(tags)}, which {runtime} on Lambda cannot load: pin a release "
                f"with a {PLATFORM} wheel in {REQUIREMENTS}"
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
