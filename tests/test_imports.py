"""A part of the project imports only the parts that docs/architecture.md lets it import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each part, and the others that it may import. The first six are shipped or deployed.
ALLOWED = {
    "pictures": set(),
    "runtime": {"pictures"},
    "images/inference": {"pictures"},
    "images/training": {"images", "images/inference", "pictures", "blueprints"},
    "components": {"images", "images/inference", "images/training"},
    "blueprints": {"console", "pictures"},
    "console": set(),
    "processes": set(),
    "images": set(),
    "program": {"components", "console"},
    "bulk": {"blueprints", "components", "images/inference", "pictures", "runtime"},
    "local": {"blueprints", "bulk", "console", "images/inference", "pictures", "processes", "program"},
    # It tries the inference image with the runtime client that the embedded AWS has.
    "operations": {
        *("blueprints", "bulk", "components", "console", "images", "images/inference", "images/training"),
        *("local", "processes", "program"),
    },
    "benchmarks": {
        *("blueprints", "components", "console", "images/inference", "local", "pictures", "processes", "program"),
    },
}
# What `components` may know of the images: what they say of themselves, and nothing that does their work.
OF_THE_IMAGES = {
    "images.inference.contract",
    "images.inference.settings",
    "images.training.contract",
    "images.training.hyperparameters",
    "images.validation_messages",
}


def _part(names: list[str]) -> str | None:
    folder = "/".join(names[:2])
    return folder if folder in ALLOWED else names[0] if names[0] in ALLOWED else None


def _imports(part: str) -> Iterator[str]:
    """The full names of what the modules of a part import, `package.module.name`."""
    for path in (ROOT / part).rglob("*.py"):
        if _part(list(path.relative_to(ROOT).parts)) != part:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("part", ALLOWED)
def test_a_part_imports_only_what_it_may(part: str):
    imported = {_part(name.split(".")) for name in _imports(part)} - {part, None}
    assert imported <= ALLOWED[part]


def test_components_import_from_the_images_only_their_contracts():
    taken = {name for name in _imports("components") if name.startswith("images.")}
    assert {name for name in taken if not {name, name.rpartition(".")[0]} & OF_THE_IMAGES} == set()


def test_every_part_has_its_rule():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert folders <= set(ALLOWED)
