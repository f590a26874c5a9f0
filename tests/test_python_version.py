"""One Python everywhere: what cannot read it from pyproject.toml names the same one."""

import re
import tomllib
from pathlib import Path

import pytest

from components.settings.groups import FunctionSettings

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
VERSION = REQUIRED.removeprefix("==").removesuffix(".*")


@pytest.mark.parametrize("image", ["inference", "training"])
def test_an_image_is_built_on_it(image: str) -> None:
    dockerfile = (ROOT / "images" / image / "Dockerfile").read_text()
    assert set(re.findall(r"^FROM python:(\d+\.\d+)", dockerfile, re.MULTILINE)) == {VERSION}


def test_the_pages_that_name_one_name_it() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    named = {(page.name, version) for page in pages for version in re.findall(r"\bPython (\d+\.\d+)", page.read_text())}
    named |= {("README.md", version) for version in re.findall(r"/python(\d+\.\d+)", (ROOT / "README.md").read_text())}
    assert {"README.md", "CONTRIBUTING.md"} <= {page for page, _ in named}
    assert {version for _, version in named} == {VERSION}, named


def test_the_function_runs_on_it() -> None:
    assert FunctionSettings().runtime == f"python{VERSION}"
