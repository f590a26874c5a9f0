"""The page of all settings."""

from pathlib import Path

from operations.settings_table import page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_in_the_docs_is_the_one_that_the_settings_make():
    assert (ROOT / "docs" / "settings.md").read_text() == page() + "\n", (
        "python -m operations settings > docs/settings.md"
    )


def test_nested_settings_are_listed_under_their_path_with_default_and_range():
    assert "| `table.minCapacity` | `5` | an integer from 1 to 40000 |" in page()
    assert "| `training.hyperparameters.lr0` | `0.01` |" in page()
