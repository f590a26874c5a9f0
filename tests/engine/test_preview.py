"""`pulumi preview` and `make preview` show the same graph."""

import json
from typing import Any, get_args

import pytest

from components.naming import Inference
from program.preview import IMAGES, PLACEHOLDER_DIGEST, preview, to_json
from program.stage_file import stages
from tests.engine.cli import Engine
from tests.engine.provider import GENERATED_NAME, UNKNOWN

# The key that marks a secret or an asset in the engine's JSON (sdk/go/common/resource/sig).
_SPECIAL = {"4dabf18193072939515e22adb298388d"}
CASES = [
    *((stage, inference) for stage in stages() if stage != "local" for inference in get_args(Inference)),
    ("local", "endpoint"),
]


@pytest.mark.parametrize(("stage", "inference"), CASES)
def test_the_engine_previews_what_make_preview_shows(lasting_engine: Engine, stage: str, inference: str):
    pulumi = lasting_engine.pulumi
    settings = pulumi.settings(stage) | {"inference": inference}
    tagged = settings.keys() & {f"{image}Tag" for image in IMAGES}
    settings |= {} if tagged else {f"{image}Digest": PLACEHOLDER_DIGEST for image in IMAGES}
    pulumi.configure(stage, settings)
    pulumi.run("stack", "select", "--create", stage)
    previewed = json.loads(pulumi.run("preview", "--json", "--stack", stage))
    shown = {resource["urn"]: resource for resource in map(to_json, preview(stage, settings))}
    registered = {
        step["urn"]: step["newState"]
        for step in previewed["steps"]
        if not step["urn"].split("::")[2].startswith("pulumi:")
    }
    assert {step["op"] for step in previewed["steps"]} == {"create"}
    assert registered.keys() == shown.keys()
    for urn, resource in registered.items():
        assert resource.get("parent", "").startswith("urn:"), urn
        assert resource.get("protect", False) == shown[urn]["protect"], urn
        if resource["custom"]:
            expected = _compared(shown[urn]["inputs"])
            assert _where_known(_compared(resource["inputs"]), expected) == expected, urn


def _compared(given: Any) -> Any:
    """Inputs in the one form that both previews have: without generated names, secrets and assets as such."""
    if isinstance(given, dict):
        if "path" in given or given.keys() & _SPECIAL:
            return "an asset or a secret"
        if given == {"$unknown": True}:
            return UNKNOWN
        named = {key: _compared(value) for key, value in given.items() if not key.startswith("__")}
        return {k: v for k, v in named.items() if not (k == "name" and GENERATED_NAME.fullmatch(str(v)))}
    if isinstance(given, list):
        return [_compared(value) for value in given]
    return "an asset or a secret" if given == "[secret]" else given


def _where_known(given: Any, expected: Any) -> Any:
    """`given`, unknown wherever `expected` is: the engine knows the names that it has generated."""
    if expected == UNKNOWN:
        return UNKNOWN
    if isinstance(given, dict) and isinstance(expected, dict):
        return {key: _where_known(value, expected.get(key)) for key, value in given.items()}
    if isinstance(given, list) and isinstance(expected, list) and len(given) == len(expected):
        return [_where_known(*pair) for pair in zip(given, expected, strict=True)]
    return given
