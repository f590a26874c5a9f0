import gzip
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from components.packaging import ROOT, PackagingError, package_function, package_model
from components.settings.groups import LambdaRuntime
from components.wheels import fetch_packages

KEPT = {
    "six.py": "six",
    "boto3/__init__.py": "boto3",
    "botocore/data/endpoints.json": "{}",
    "botocore/data/s3/2006-03-01/service-2.json.gz": "s3",
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz": "dynamodb",
    "botocore/data/sagemaker-runtime/2017-05-13/service-2.json.gz": "runtime",
    "botocore/data/xray/2016-04-12/service-2.json.gz": "xray",
    "pillow.libs/libjpeg.so": "library",
}
LEFT_OUT = {
    "botocore/data/ec2/2016-11-15/service-2.json.gz": "ec2",
    "boto3/data/ec2/2016-11-15/resources-1.json": "ec2",
    "six-1.17.0.dist-info/METADATA": "metadata",
    "six-1.17.0.dist-info/WHEEL": "Tag: py3-none-any\n",
    "boto3/__pycache__/__init__.cpython-311.pyc": "bytecode",
    "boto3/tests/test_boto3.py": "tests",
    "boto3/__init__.pyi": "types",
    "boto3/py.typed": "",
    "bin/jp.py": "command",
    "wrapt-stubs/__init__.pyi": "types",
}
RUNTIME = {
    "runtime/__init__.py": "",
    "runtime/handler.py": "def handle(event, context): ...",
    "pictures/file.py": "def open_file(content): ...",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small repository with the function's code, its dependencies and weights."""
    requirements = "# what has been fetched"
    packages = f"build/packages/python3.11-{hashlib.sha256(requirements.encode()).hexdigest()[:16]}"
    dependencies = {f"{packages}/{name}": text for name, text in (KEPT | LEFT_OUT).items()}
    others = {"models/best.onnx": "weights", "requirements/function.txt": requirements}
    for name, text in (dependencies | RUNTIME | others).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_archive_holds_the_code_and_what_it_imports_and_nothing_else(tree: Path) -> None:
    with zipfile.ZipFile(package_function(runtime="python3.11", root=tree)) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == KEPT | RUNTIME


def test_an_unchanged_tree_gives_the_same_bytes_whatever_its_times_and_its_order(tree: Path, tmp_path: Path) -> None:
    path = package_function(runtime="python3.11", root=tree)
    first = path.read_bytes()
    path.unlink()
    for number, file in enumerate(sorted(tree.rglob("*"), reverse=True)):
        os.utime(file, (number, number))
    (tree / "six-again.py").touch()
    next(tree.glob("build/packages/*/six.py")).chmod(0o755)
    again = package_function(runtime="python3.11", root=tree)
    assert (again, again.read_bytes()) == (path, first)


def test_every_file_of_the_archive_can_be_read_by_lambdas_user(tree: Path) -> None:
    (tree / "runtime/handler.py").chmod(0o600)
    with zipfile.ZipFile(package_function(runtime="python3.11", root=tree)) as archive:
        assert {entry.external_attr >> 16 & 0o777 for entry in archive.infolist()} == {0o644}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_changed_code_gives_another_archive_beside_the_first(tree: Path) -> None:
    first = package_function(runtime="python3.11", root=tree)
    (tree / "runtime/handler.py").write_text("def handle(event, context): return 1")
    second = package_function(runtime="python3.11", root=tree)
    assert first != second
    assert first.exists()


def test_an_existing_archive_is_reused(tree: Path) -> None:
    path = package_function(runtime="python3.11", root=tree)
    before = path.stat()
    assert package_function(runtime="python3.11", root=tree).stat().st_ino == before.st_ino


def test_commands_that_package_at_the_same_time_all_get_a_whole_archive(tree: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda _: package_function(runtime="python3.11", root=tree), range(8)))
    assert len(set(paths)) == 1
    with zipfile.ZipFile(paths[0]) as archive:
        assert archive.testzip() is None
    assert list(paths[0].parent.iterdir()) == [paths[0]], "no partial file is left behind"


def test_missing_weights_are_an_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match=r"^models/best\.onnx is missing: "):
        package_model(root=tmp_path)


def test_the_model_archive_is_what_sagemaker_unpacks(tree: Path) -> None:
    model = package_model(root=tree)
    with tarfile.open(model.path, "r:gz") as archive:
        (entry,) = archive.getmembers()
        content = archive.extractfile(entry)
        assert content is not None
        assert (entry.name, content.read()) == ("best.onnx", b"weights")
        assert (entry.mode, entry.mtime, entry.uid, entry.uname) == (0o644, 0, 0, "")


def test_the_int8_copy_goes_with_its_weights_and_changes_the_name(tree: Path) -> None:
    alone = package_model(root=tree)
    for name in ("best.int8.xml", "best.int8.bin"):
        (tree / "models" / name).write_text(name)
    model = package_model(root=tree)
    assert model.sha256 != alone.sha256
    with tarfile.open(model.path, "r:gz") as archive:
        assert archive.getnames() == ["best.onnx", "best.int8.xml", "best.int8.bin"]


def test_the_same_weights_give_the_same_model_archive(tree: Path) -> None:
    path = package_model(root=tree).path
    first = path.read_bytes()
    path.unlink()
    os.utime(tree / "models/best.onnx", (1, 1))
    assert package_model(root=tree).path.read_bytes() == first
    assert gzip.decompress(first)[:9] == b"best.onnx"
    assert first[4:8] == b"\0\0\0\0", "gzip's own timestamp"


def test_an_archive_that_lambda_would_refuse_is_refused_first(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.packaging.LARGEST_FUNCTION_ZIP_BYTES", 100)
    with pytest.raises(PackagingError, match=r"^the function's archive has \d+ bytes; Lambda allows 100: remove"):
        package_function(runtime="python3.11", root=tree)


@pytest.fixture(params=get_args(LambdaRuntime))
def runtime(request: pytest.FixtureRequest) -> str:
    """Each runtime that the function may be set to."""
    return request.param


def test_the_projects_own_archive_is_within_lambdas_limit_unzipped(runtime: str) -> None:
    with zipfile.ZipFile(package_function(runtime=runtime)) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < 250 * 1024 * 1024


def test_the_projects_own_archive_has_extension_modules_only_for_the_python_of_its_runtime(runtime: str) -> None:
    with zipfile.ZipFile(package_function(runtime=runtime)) as archive:
        built_for = {match[1] for name in archive.namelist() if (match := re.search(r"\.cpython-(\d+)-.*\.so$", name))}
    assert built_for == {runtime.removeprefix("python").replace(".", "")}


def test_every_package_that_the_functions_packages_need_on_that_python_is_there(runtime: str) -> None:
    """The lock file is compiled on one Python; another may need more."""
    packages = fetch_packages(runtime=runtime, root=ROOT)
    installed = {
        canonicalize_name(one.name): one.version for one in importlib.metadata.distributions(path=[str(packages)])
    }
    assert "boto3" in installed
    version = runtime.removeprefix("python")
    there = {"python_version": version, "python_full_version": f"{version}.0", "extra": ""}
    for one in importlib.metadata.distributions(path=[str(packages)]):
        for needed in map(Requirement, one.requires or []):
            if needed.marker is None or needed.marker.evaluate(there):
                assert needed.specifier.contains(installed[canonicalize_name(needed.name)]), f"{one.name}: {needed}"


def test_the_projects_own_archive_runs_without_anything_else(runtime: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(package_function(runtime=runtime)) as archive:
        archive.extractall(tmp_path)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import boto3, PIL.Image, aws_lambda_powertools, aws_xray_sdk.core, runtime.handler\n"
        "assert PIL.Image.__file__.startswith(sys.argv[1]), PIL.Image.__file__\n"
        "for service in ('s3', 'dynamodb', 'lambda', 'sagemaker-runtime'):\n"
        "    boto3.client(service, region_name='us-east-2', aws_access_key_id='a', aws_secret_access_key='b')\n"
        "assert 'ec2' not in boto3.session.Session().get_available_services()\n"
    )
    # -I and -S: no environment, no site-packages.
    command = [interpreter(runtime), "-I", "-S", "-c", program, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def interpreter(runtime: str) -> str:
    """The Python of that runtime, where this machine has it."""
    if runtime == f"python{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(runtime)
    # A version manager's stand-in is there without its Python.
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"no {runtime} on PATH")
    return found
