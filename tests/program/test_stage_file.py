"""What a stage's file gives, and the errors for one that gives nothing."""

import json
from pathlib import Path

import pytest

from program import stage_file
from program.stage_file import SETTINGS_KEY, ProgramError, read_stage


def write_stage(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "Pulumi.try.yaml").write_text(text)
    monkeypatch.setattr(stage_file, "ROOT", folder)


def test_overrides_are_merged_into_the_stages_settings_group_by_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_stage(
        tmp_path,
        f"config:\n  aws:region: us-east-2\n  {SETTINGS_KEY}:\n    protect: true\n    api: {{apiKeys: true}}\n",
        monkeypatch,
    )
    stage = read_stage("try", {"api": {"rateLimit": 5}})
    assert stage.config["aws:region"] == "us-east-2"
    assert json.loads(stage.config[SETTINGS_KEY]) == {"protect": True, "api": {"apiKeys": True, "rateLimit": 5}}


def test_a_key_without_a_value_is_none_and_a_date_is_a_string(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("# gr\xfc\xdfe\nconfig: {}\n".encode("latin-1"), "Pulumi.try.yaml is not UTF-8 text: save it as such"),
        ("config: {}\n".encode("utf-16"), "Pulumi.try.yaml is not UTF-8 text: save it as such"),
        (b"config:\n  a: 1\n  a: 2\n", "Pulumi.try.yaml is not YAML for a stage: a appears twice .* line 3"),
        (b"config: {b: {a: 1, a: 2}}\n", "Pulumi.try.yaml is not YAML for a stage: a appears twice .* line 1"),
        (b"config: &a [*a]\n", "Pulumi.try.yaml is not YAML for a stage: Circular reference"),
        (b"config: {a: !!python/object:x y}\n", "Pulumi.try.yaml is not YAML for a stage: could not determine"),
        (b"config: {a: !!binary aGk=}\n", "Pulumi.try.yaml is not YAML for a stage: Object of type bytes"),
        (b"config: {a: " + b"[" * 5000, "Pulumi.try.yaml is not YAML for a stage: maximum recursion"),
    ],
    ids=["latin-1", "utf-16", "key-twice", "key-twice-below", "itself", "object", "bytes", "deep"],
)
def test_a_file_that_pulumi_would_not_read_is_refused_in_one_line(
    content: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "Pulumi.try.yaml").write_bytes(content)
    monkeypatch.setattr(stage_file, "ROOT", tmp_path)
    with pytest.raises(ProgramError, match=message) as refused:
        read_stage("try")
    assert "\n" not in str(refused.value)


def test_yes_on_and_base_60_numbers_are_strings_as_for_pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = f"config:\n  {SETTINGS_KEY}: {{protect: yes, tracing: on, time: 1:30, off: false, rate: 1e3, more: 0.5}}\n"
    write_stage(tmp_path, text, monkeypatch)
    assert read_stage("try").settings == {
        "protect": "yes",
        "tracing": "on",
        "time": "1:30",
        "off": False,
        "rate": 1000.0,
        "more": 0.5,
    }


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_stage(tmp_path, "\ufeffconfig: {aws:region: us-east-2}", monkeypatch)
    assert read_stage("try").config == {"aws:region": "us-east-2"}


def test_an_unknown_stage_is_refused_with_the_known_ones():
    with pytest.raises(ProgramError, match=r"stage 'nope' has no file Pulumi.nope.yaml: the stages are dev, local"):
        read_stage("nope")
