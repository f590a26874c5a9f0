"""The function's packages are those of its own runtime, fetched once, by pip and without a network."""

import hashlib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.wheels import PackagingError, check_wheels, fetch_packages

pytestmark = pytest.mark.whole

REFUSED = "http://127.0.0.1:9/simple"


def wheel(folder: Path, tag: str) -> str:
    """A wheel whose module holds its own tag; returns its hash."""
    path = folder / f"compiled-1.0-{tag}.whl"
    about = "compiled-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("compiled.py", tag)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: compiled\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        archive.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose lock file has a package with a wheel for two Pythons, and an index that has them."""
    index = tmp_path / "index"
    index.mkdir()
    hashes = [wheel(index, f"{python}-{python}-manylinux2014_x86_64") for python in ("cp311", "cp312")]
    lock(tmp_path, hashes)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return tmp_path


def lock(root: Path, hashes: list[str]) -> None:
    (root / "requirements").mkdir(exist_ok=True)
    (root / "requirements/function.txt").write_text(
        " ".join(["compiled==1.0", *(f"--hash=sha256:{digest}" for digest in hashes)]) + "\n"
    )


def test_each_runtime_has_the_wheels_of_its_own_python(root: Path) -> None:
    modules = {
        runtime: (fetch_packages(runtime=runtime, root=root) / "compiled.py").read_text()
        for runtime in ("python3.11", "python3.12")
    }
    assert modules == {
        "python3.11": "cp311-cp311-manylinux2014_x86_64",
        "python3.12": "cp312-cp312-manylinux2014_x86_64",
    }


def test_fetched_packages_are_reused(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fetch_packages(runtime="python3.11", root=root)
    assert capsys.readouterr().err == "fetching the function's packages for python3.11\n"
    monkeypatch.setenv("PIP_FIND_LINKS", str(root / "gone"))
    assert fetch_packages(runtime="python3.11", root=root) == folder
    assert capsys.readouterr().err == ""


def test_another_lock_file_is_fetched_again(root: Path) -> None:
    first = fetch_packages(runtime="python3.11", root=root)
    lock(root, [wheel(root / "index", "py3-none-any"), wheel(root / "index", "cp311-cp311-manylinux2014_x86_64")])
    assert fetch_packages(runtime="python3.11", root=root) != first


def test_commands_that_fetch_at_the_same_time_all_get_whole_packages(root: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        folders = set(pool.map(lambda _: fetch_packages(runtime="python3.11", root=root), range(2)))
    assert len(folders) == 1
    assert list((root / "build/packages").iterdir()) == list(folders), "no partial folder is left behind"


def test_a_runtime_without_a_wheel_is_one_line_that_names_it(root: Path) -> None:
    with pytest.raises(PackagingError) as error:
        fetch_packages(runtime="python3.13", root=root)
    assert str(error.value) == (
        "the function's packages for python3.13 cannot be fetched: ERROR: No matching distribution found for "
        "compiled==1.0: check the network, or pin releases with wheels for python3.13 in requirements/function.txt"
    )
    assert list((root / "build/packages").iterdir()) == []


def test_an_index_that_cannot_be_reached_is_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    for name, value in {"PIP_CONFIG_FILE": "/dev/null", "PIP_INDEX_URL": REFUSED, "PIP_RETRIES": "0"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(PackagingError, match=r"^the function's packages for python3\.11 cannot be fetched: ERROR: .*$"):
        fetch_packages(runtime="python3.11", root=root)


def test_a_wheel_whose_hash_is_not_in_the_lock_file_is_refused(root: Path) -> None:
    lock(root, ["0" * 64])
    with pytest.raises(PackagingError, match="cannot be fetched"):
        fetch_packages(runtime="python3.11", root=root)


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
def test_a_wheel_that_lambda_can_load_is_accepted(tmp_path: Path, tags: list[str]) -> None:
    write_tags(tmp_path, tags)
    check_wheels(tmp_path, runtime="python3.11")


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
def test_a_wheel_that_lambda_cannot_load_is_refused_by_name(tmp_path: Path, tags: list[str]) -> None:
    write_tags(tmp_path, tags)
    with pytest.raises(PackagingError) as error:
        check_wheels(tmp_path, runtime="python3.11")
    assert str(error.value).startswith(
        f"pillow-12.2.0 is a wheel for {', '.join(tags)}, which python3.11 on Lambda cannot load: "
    )


def write_tags(packages: Path, tags: list[str]) -> None:
    folder = packages / "pillow-12.2.0.dist-info"
    folder.mkdir()
    (folder / "WHEEL").write_text("Wheel-Version: 1.0\n" + "".join(f"Tag: {tag}\n" for tag in tags))
