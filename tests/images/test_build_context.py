"""What the Dockerfiles copy is there, gets past their ignore files, and is all that the programs in them import.

A build needs Docker and minutes; `make images-local` runs one. This here is its arithmetic alone.
"""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from docker.utils.build import PatternMatcher

from operations.dockerfile import copied

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted((ROOT / "images").glob("*/Dockerfile"))
# What runs in each image: the Dockerfile's entry point and the one that Lambda is given.
PROGRAMS = {
    "inference": ("images.inference.__main__", "images.inference.lambda_entry"),
    "training": ("images.training.__main__",),
}

each_image = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """The files that a fresh clone has."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def passed(names: list[str], ignore: str) -> set[str]:
    """The files that an ignore file lets into the build."""
    lines = [line.strip() for line in ignore.splitlines()]
    # Its type stub wants a path where its code wants text.
    matcher: Any = PatternMatcher([line for line in lines if line and not line.startswith("#")])
    return {name for name in names if not matcher.matches(name)}


def within(names: list[str], source: str) -> set[str]:
    """The files that are `source`, or in the folder of that name."""
    return {name for name in names if name == source or name.startswith(f"{source.rstrip('/')}/")}


def ignore_file(dockerfile: Path) -> str:
    return dockerfile.with_name("Dockerfile.dockerignore").read_text()


def missing(dockerfile: Path, names: list[str], ignore: str) -> list[str]:
    """The sources of COPY of which the build would see nothing."""
    seen = passed(names, ignore)
    return [source for source in copied(dockerfile.read_text()) if not within(names, source) & seen]


def test_there_is_a_dockerfile_for_each_image():
    assert [dockerfile.parent.name for dockerfile in DOCKERFILES] == sorted(PROGRAMS)


@each_image
def test_every_source_of_a_copy_is_in_the_build(dockerfile: Path, tracked: list[str]):
    assert missing(dockerfile, tracked, ignore_file(dockerfile)) == []


@each_image
def test_a_build_sees_what_is_copied_and_nothing_else(dockerfile: Path, tracked: list[str]):
    taken = {name for source in copied(dockerfile.read_text()) for name in within(tracked, source)}
    taken -= {name for name in taken if PurePosixPath(name).name.startswith("Dockerfile")}
    assert passed(tracked, ignore_file(dockerfile)) == taken


@each_image
def test_bytecode_of_this_machine_stays_out_of_the_build(dockerfile: Path):
    folder = f"images/{dockerfile.parent.name}/__pycache__"
    assert passed([folder], ignore_file(dockerfile)) == set()


@each_image
def test_a_source_that_the_ignore_file_forgets_is_found(dockerfile: Path, tracked: list[str]):
    """The check itself: without the line of one source, that source is missing."""
    lines = ignore_file(dockerfile).splitlines()
    kept = [line for line in lines if line.startswith("!models/")]
    assert kept
    for line in kept:
        without = "\n".join(other for other in lines if other != line)
        assert missing(dockerfile, tracked, without) == [line.removeprefix("!")]


@each_image
def test_what_the_programs_of_an_image_import_is_copied(dockerfile: Path, tracked: list[str]):
    taken = {name for source in copied(dockerfile.read_text()) for name in within(tracked, source)}
    needed = {name for program in PROGRAMS[dockerfile.parent.name] for name in reached(program, tracked)}
    assert needed - taken == set()
    assert len(needed) > 10


def reached(program: str, names: list[str]) -> set[str]:
    """The project's files that a module imports, and those that they import, and so on; also those in functions."""
    modules = {module_name(name): name for name in names if name.endswith(".py")}
    found: set[str] = set()
    waiting = [program]
    while waiting:
        module = waiting.pop()
        # Importing a.b.c runs a and a.b as well.
        for part in [module, *(str(parent).replace("/", ".") for parent in PurePosixPath(*module.split(".")).parents)]:
            if part in modules and modules[part] not in found:
                found.add(modules[part])
                waiting += imported((ROOT / modules[part]).read_text())
    return found


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("COPY a b /c/", ["a", "b"]),
        ("COPY --chown=0:0 a \\\n     b /c/", ["a", "b"]),
        ('COPY ["a b", "/c/"]', ["a b"]),
        ("COPY --from=build /a /b\nADD d e", ["d"]),
        ("# COPY a b\nRUN cp a b", []),
    ],
)
def test_the_sources_of_a_copy_are_read_in_every_form(text: str, sources: list[str]):
    assert copied(text) == sources
