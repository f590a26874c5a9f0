"""What a stage's file gives, and what is said of one that gives nothing."""

import json
from pathlib import Path

import pytest

from program import stage_file
from program.stage_file import SETTINGS_KEY, ProgramError, read_stage


def write_stage(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "Pulumi.try.yaml").write_text(text)
    monkeypatch.setattr(stage_file, "ROOT", folder)


def test_overrides_are_laid_over_the_stages_settings_group_by_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_stage(
        tmp_path,
        f"config:\n  aws:region: us-east-2\n  {SETTINGS_KEY}:\n    protect: true\n    api: {{apiKeys: true}}\n",
        monkeypatch,
    )
    stage = read_stage("try", {"api": {"rateLimit": 5}})
    assert stage.config["aws:region"] == "us-east-2"
    assert json.loads(stage.config[SETTINGS_KEY]) == {"protect": True, "api": {"apiKeys": True, "rateLimit": 5}}


def test_a_key_without_a_value_is_none_and_a_date_is_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = f"config:\n  aws:region:\n  {SETTINGS_KEY}:\n    tags: {{since: 2024-01-01}}\n"
    write_stage(tmp_path, text, monkeypatch)
    assert read_stage("try").config == {SETTINGS_KEY: '{"tags": {"since": "2024-01-01"}}'}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: [", "Pulumi.try.yaml is not YAML"),
        ("", "Pulumi.try.yaml has no object under 'config'"),
        ("config: 5", "Pulumi.try.yaml has no object under 'config'"),
    ],
)
def test_a_stage_file_that_cannot_be_read_is_named(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_stage(tmp_path, text, monkeypatch)
    with pytest.raises(ProgramError, match=message) as refused:
        read_stage("try")
    assert "\n" not in str(refused.value)


def test_an_unknown_stage_is_refused_with_the_ones_there_are():
    with pytest.raises(ProgramError, match=r"stage 'nope' has no file Pulumi.nope.yaml: stages here are dev, local"):
        read_stage("nope")
