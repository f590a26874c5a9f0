"""The pages lead where they say: links, paths, commands."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "models").glob("*.md")])
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))


def heading_anchor(line: str) -> str:
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            headings = [line for line in target.read_text().splitlines() if line.startswith("#")]
            assert anchor in map(heading_anchor, headings), f"{page.name}: {link}"


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\((\w+\.md)\)", index)) == pages


def test_the_paths_and_commands_of_the_contributing_page_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    paths = re.findall(r"(?:`|pytest |\s)((?:[\w.-]+/)+(?:[\w.-]+)?)(?=[`\s])", text)
    assert len(paths) > 30
    assert [path for path in paths if not path.startswith(".venv/") and not (ROOT / path).exists()] == []
    commands = {target for line in re.findall(r"make ([a-z -]+)", text) for target in line.split()}
    assert {"format", "lint", "types", "preview", "demo", "test", "lock"} <= commands & TARGETS


def test_the_commit_hooks_are_commands_of_make() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    assert {hook["entry"].removeprefix("make ") for hook in repository["hooks"]} <= TARGETS


def test_dependabot_looks_where_something_is_pinned() -> None:
    config = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())
    pins = {"pip": "*.in", "docker": "Dockerfile", "npm": "package.json", "github-actions": ".github/workflows/*.yml"}
    for update in config["updates"]:
        for directory in update.get("directories", [update.get("directory")]):
            pattern = pins[update["package-ecosystem"]]
            assert list((ROOT / directory.lstrip("/")).glob(pattern)), f"{update['package-ecosystem']}: {directory}"
