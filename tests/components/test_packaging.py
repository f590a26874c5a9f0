import gzip
import os
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.packaging import (
    ROOT,
    PackagingError,
    check_wheels,
    package_function,
    package_model,
)

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
    dependencies = {f"build/function/{name}": text for name, text in (KEPT | LEFT_OUT).items()}
    for name, text in (dependencies | RUNTIME | {"models/best.onnx": "weights"}).items():
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
    (tree / "build/function/six.py").chmod(0o755)
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


def test_an_archive_that_is_there_is_used_again(tree: Path) -> None:
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


def test_missing_dependencies_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(PackagingError) as error:
        package_function(runtime="python3.11", root=tmp_path)
    assert str(error.value) == "build/function is missing: run make package"


def test_missing_weights_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match=r"^models/best\.onnx is missing: "):
        package_model(root=tmp_path)


@pytest.mark.parametrize(
    "tags",
    [
        ["py3-none-any"],
        ["py2-none-any", "py3-none-any"],
        ["py2.py3-none-any"],
        ["cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux2014_x86_64"],
        ["cp311-cp311-manylinux_2_5_x86_64", "cp311-cp311-manylinux_2_28_x86_64"],
        ["cp37-abi3-manylinux2014_x86_64"],
    ],
)
def test_a_wheel_that_lambda_can_load_is_taken(tree: Path, tags: list[str]) -> None:
    write_wheel(tree, tags)
    check_wheels(tree / "build/function", runtime="python3.11")


@pytest.mark.parametrize(
    "tags",
    [
        ["cp311-cp311-manylinux_2_27_x86_64", "cp311-cp311-manylinux_2_28_x86_64"],
        ["cp311-cp311-manylinux2014_aarch64"],
        ["cp311-cp311-musllinux_1_2_x86_64"],
        ["cp311-cp311-linux_x86_64"],
        ["cp312-cp312-manylinux2014_x86_64"],
        ["cp312-abi3-manylinux2014_x86_64"],
        ["py2-none-any"],
    ],
)
def test_a_wheel_that_lambda_cannot_load_is_refused_by_name(tree: Path, tags: list[str]) -> None:
    write_wheel(tree, tags)
    with pytest.raises(PackagingError) as error:
        package_function(runtime="python3.11", root=tree)
    assert str(error.value).startswith(
        f"build/function: pillow-12.2.0 is a wheel for {', '.join(tags)}, which python3.11 on Lambda cannot load: "
    )


def write_wheel(tree: Path, tags: list[str]) -> None:
    folder = tree / "build/function/pillow-12.2.0.dist-info"
    folder.mkdir()
    (folder / "WHEEL").write_text("Wheel-Version: 1.0\n" + "".join(f"Tag: {tag}\n" for tag in tags))


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


def test_the_projects_own_dependencies_are_wheels_that_lambda_can_load() -> None:
    check_wheels(ROOT / "build" / "function", runtime="python3.11")


def test_an_archive_that_lambda_would_refuse_is_refused_first(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.packaging.LARGEST_FUNCTION_ZIP_BYTES", 100)
    with pytest.raises(PackagingError, match=r"^the function's archive has \d+ bytes, Lambda takes 100: remove"):
        package_function(runtime="python3.11", root=tree)


def test_the_projects_own_archive_is_within_lambdas_limit_unzipped() -> None:
    with zipfile.ZipFile(package_function(runtime="python3.11")) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < 250 * 1024 * 1024


def test_the_projects_own_archive_runs_without_anything_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(package_function(runtime="python3.11")) as archive:
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
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
