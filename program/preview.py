"""`make preview`: the whole graph of a stage, registered without credentials, network or Pulumi's CLI.

Values that only AWS knows stay unknown, as in `pulumi preview`; the account is a placeholder. A stage without images
gets placeholders for them, so that the whole graph is shown, with the model and everything else that runs an image.
"""

import hashlib
import json
import logging
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.rpc import is_rpc_secret
from rich.console import Console
from rich.tree import Tree

from program.run import RegisteredResource, run_program
from program.stage_file import ProgramError, read_stage

ACCOUNT_ID = "123456789012"
# The settings that name the images, without Digest or Tag.
IMAGES = ("inferenceImage", "trainingImage")
PLACEHOLDER_DIGEST = f"sha256:{'0' * 64}"
# Wide enough for every line of the tree if stdout is not a terminal.
FILE_WIDTH = 200


class PreviewMocks(Mocks):
    """Creates nothing: a resource has its inputs but no identifier."""

    def __init__(self, region: str) -> None:
        self._answers = {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT_ID, "id": ACCOUNT_ID},
            "aws:index/getRegion:getRegion": {"region": region, "name": region, "id": region},
            "aws:index/getPartition:getPartition": {"partition": "aws", "id": "aws", "dnsSuffix": "amazonaws.com"},
        }

    def call(self, args: MockCallArgs) -> Any:
        if args.token not in self._answers:
            raise LookupError(f"the preview has no answer for {args.token}: add one in program/preview.py")
        return self._answers[args.token]

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return "", args.inputs


def preview(stage_name: str, overrides: Mapping[str, Any] | None = None) -> tuple[RegisteredResource, ...]:
    """Every resource of the stage except the stack itself, as registered. `overrides` replace its settings."""
    logger = logging.getLogger("room-detection.preview")
    logger.handlers = [logging.StreamHandler(sys.stderr)]
    logger.setLevel(logging.INFO)
    stage = read_stage(stage_name, overrides)
    settings = stage.settings
    missing = [i for i in IMAGES if settings is not None and not settings.keys() & {f"{i}Digest", f"{i}Tag"}]
    if missing:
        placeholders = {f"{image}Digest": PLACEHOLDER_DIGEST for image in missing}
        stage = read_stage(stage_name, {**(overrides or {}), **placeholders})
    run = run_program(stage, PreviewMocks(stage.config.get("aws:region", "")), preview=True, logger=logger)
    for image in missing:
        logger.info(
            f"{stage_name} has no {image}Digest yet: shown with a placeholder; its first deployment leaves out what "
            "needs this image"
        )
    return run.resources[1:]


def to_json(resource: RegisteredResource) -> dict[str, Any]:
    """The resource as the JSON preview shows it: unknowns marked, secrets masked, assets by path and hash."""
    return {
        "type": resource.type,
        "name": resource.name,
        "urn": resource.urn,
        "parent": resource.parent,
        "inputs": {key: _plain(value) for key, value in resource.inputs.items()},
        "protect": resource.protect,
        "dependencies": list(resource.dependencies),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, pulumi.output.Unknown):
        return {"$unknown": True}
    if is_rpc_secret(value):
        return "[secret]"
    if isinstance(value, pulumi.FileAsset | pulumi.FileArchive):
        path = Path(value.path)
        return {"path": _relative(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        raise TypeError(f"the preview shows files only, not {type(value).__name__}: write it to build/ first")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _relative(path: Path) -> str:
    absolute = path.resolve()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)


def show(stage_name: str, output_format: str, *, settings: Mapping[str, Any] | None = None) -> int:
    """Prints the graph on stdout: a tree with counts (`tree`) or one JSON array (`json`); returns the exit status."""
    try:
        resources = preview(stage_name, settings)
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if output_format == "json":
        print(json.dumps([to_json(resource) for resource in resources], indent=2))
        return 0
    console = Console(highlight=False, width=None if sys.stdout.isatty() else FILE_WIDTH)
    console.print(_tree(stage_name, resources))
    _print_counts(console, resources)
    return 0


def _tree(stage_name: str, resources: tuple[RegisteredResource, ...]) -> Tree:
    children: defaultdict[str | None, list[RegisteredResource]] = defaultdict(list)
    urns = {resource.urn for resource in resources}
    for resource in resources:
        children[resource.parent if resource.parent in urns else None].append(resource)

    def add(branch: Tree, parent: str | None) -> None:
        for resource in children[parent]:
            lock = " [yellow]protected[/]" if resource.protect else ""
            add(branch.add(f"[bold]{resource.name}[/]  [dim]{resource.type}[/]{lock}"), resource.urn)

    root = Tree(f"[bold]{stage_name}[/]")
    add(root, None)
    return root


def _print_counts(console: Console, resources: tuple[RegisteredResource, ...]) -> None:
    counts = Counter(resource.type for resource in resources)
    console.print()
    for resource_type, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        console.print(f"{count:5}  {resource_type}")
    protected = sum(resource.protect for resource in resources)
    components = sum(not resource.custom for resource in resources)
    console.print(
        f"{len(resources):5}  in all: {len(resources) - components} resources in {components} components, "
        f"{protected} protected"
    )
