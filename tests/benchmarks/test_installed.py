"""The size of an image's packages: what is asked for and everything that it needs, each once."""

import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from benchmarks.installed import megabytes

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a distribution with one module of so many bytes beside its metadata, which is not in its record."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def add(name: str, size: int, *needs: str) -> None:
        (tmp_path / f"{name}.py").write_bytes(b"#" * size)
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        requires = "".join(f"Requires-Dist: {need}\n" for need in needs)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}")
        (folder / "RECORD").write_text(f"{name}.py,,\n{name}_gone.py,,\n")

    return add


def test_the_requirements_of_a_distribution_are_counted_once(install: Install):
    install("bench_a", 3_000_000, "bench_b>=1", "bench_c")
    install("bench_b", 2_000_000, "bench_c")
    install("bench_c", 1_000_000, "bench-a")
    assert megabytes(["bench_a", "Bench.C"]) == {"bench-a==1.0": 3.0, "bench-b==1.0": 2.0, "bench-c==1.0": 1.0}


def test_extras_and_other_platforms_are_not_counted(install: Install):
    install("bench_d", 1_000_000, "missing; extra == 'all'", "missing; sys_platform == 'win32'")
    assert megabytes(["bench_d"]) == {"bench-d==1.0": 1.0}


def test_a_requirement_that_is_not_installed_is_an_error(install: Install):
    install("bench_e", 1, "bench_missing")
    with pytest.raises(metadata.PackageNotFoundError, match="bench-missing"):
        megabytes(["bench_e"])
