"""The commands of `python -m blueprints` for labelled plans: check, convert, pack, summary and upload.

Imports that only one command needs are made when it runs: drawing and scoring do not wait for boto3 or matplotlib.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from blueprints.datasets import channels, conversion, yolo
from blueprints.datasets.check import Problem, check_folders, is_broken
from blueprints.errors import BlueprintError
from blueprints.new_folder import refuse_existing
from console.progress import bars

BROKEN = 1
"""The exit code for a set with errors, which must not be used for training."""

FORMATS = {
    "cubicasa": "CubiCasa5K: <style>/<id>/model.svg with F1_scaled.png, and train.txt, val.txt, test.txt",
    "coco": "COCO JSON files with their images, at any depth; CubiCasa5K's exports among them",
    "roboflow": "Roboflow's YOLOv8-OBB: <split>/images with <split>/labels, oriented boxes",
    "yolo": "YOLO in either order of folders: boxes, oriented boxes or polygons of any classes",
}
"""What `convert` reads."""


def register(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the commands to those of `python -m blueprints`."""
    _register_check(commands)
    _register_convert(commands)
    _register_pack(commands)
    _register_summary(commands)
    _register_upload(commands)


def _register_check(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "check",
        help="list what is wrong with labelled plans",
        description="List what is wrong with labelled plans: images and labels that are missing or broken, wrong boxes,"
        " and duplicate plans. Exit code 1 if there is an error.",
    )
    command.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="a set from convert, or a folder with images/<split> and labels/<split>; several are one split each",
    )
    command.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
    command.set_defaults(run=_check)


def _register_convert(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "convert",
        help="write labelled plans as training channels",
        description="Write labelled plans from elsewhere as the channels that training reads, training and validation"
        " (and test beside them, if the source has one). FORMAT is one of: "
        + "; ".join(f"{name} - {what}" for name, what in FORMATS.items())
        + ".",
    )
    command.add_argument("source_format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    command.add_argument("source", type=Path, metavar="SOURCE", help="the folder to read; for coco also a file")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or an empty folder")
    command.add_argument(
        "--classes",
        nargs="+",
        metavar="NAME",
        help="the classes that are rooms (default: the one named room, else all of them)",
    )
    command.add_argument(
        "--validation",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="share drawn for validation if the source has no such split (default: %(default)g)",
    )
    command.add_argument("--seed", type=int, default=0, help="seed of that random draw (default: %(default)d)")
    command.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
    command.set_defaults(run=_convert)


def _register_pack(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "pack",
        help="pack labelled plans into square sheets for training",
        description="Turn and scale plans at random and lay them side by side on 640 px squares, so that training"
        " spends less on padding. Give a plan more than once to make it count more.",
    )
    command.add_argument("folders", type=Path, nargs="+", metavar="DIR", help="images/<split> with labels/<split>")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or an empty folder")
    command.add_argument(
        "--seed", type=int, default=0, metavar="S", help="same seed, same sheets (default: %(default)s)"
    )
    command.set_defaults(run=_pack)


def _register_summary(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "summary",
        help="summarise labelled plans",
        description="Print figures of labelled plans by split and style, and write summary.json, histograms.png and"
        " contact_sheet.png.",
    )
    command.add_argument(
        "folder", type=Path, metavar="DIR", help="a set written by convert, or a folder with images and labels"
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or an empty folder")
    command.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
    command.set_defaults(run=_summary)


def _register_upload(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser(
        "upload",
        help="check a set and upload it to the bucket that training reads",
        description="Check a set written by convert and upload its channels to s3://NAME/training/ and s3://NAME/validation/."
        " Files already there are not sent again. Exit code 1 if the check finds an error; then nothing is sent.",
    )
    command.add_argument("folder", type=Path, metavar="DIR", help="with the folders training and validation")
    command.add_argument("--bucket", required=True, metavar="NAME")
    command.add_argument("--region", metavar="NAME", help="default: the region of your AWS configuration")
    command.set_defaults(run=_upload)


def _check(options: argparse.Namespace) -> int:
    for folder in options.folders:
        if not folder.is_dir():
            raise BlueprintError(
                f"{folder}: is not a folder: give one with images/<split>/*.jpg and labels/<split>/*.txt"
            )
    folders = channels.parts(options.folders[0]) if len(options.folders) == 1 else options.folders
    problems = _problems(folders)
    if options.format == "json":
        print(json.dumps({"broken": is_broken(problems), "problems": [_as_json(one) for one in problems]}, indent=2))
    else:
        for problem in problems:
            print(f"{problem.severity}: {problem}")
        print(_counted(folders, problems))
    return BROKEN if is_broken(problems) else 0


def _convert(options: argparse.Namespace) -> int:
    from blueprints.datasets import coco, cubicasa, yolo_trees

    if not options.source.exists():
        raise BlueprintError(f"{options.source}: does not exist: give the {options.source_format} data to convert")
    refuse_existing(options.out)
    readers = {"cubicasa": cubicasa.read, "coco": coco.read, "roboflow": yolo_trees.read, "yolo": yolo_trees.read}
    with bars() as step:
        source = readers[options.source_format](options.source, options.classes, step)
        report = conversion.convert(source, options.out, validation=options.validation, seed=options.seed, step=step)
    print(json.dumps(conversion.as_json(report), indent=2) if options.format == "json" else conversion.as_text(report))
    return 0


def _pack(options: argparse.Namespace) -> int:
    from blueprints.datasets import packing

    with bars() as step:
        plans, sheets = packing.pack(options.folders, options.out, options.seed, partial(step, "packing plans"))
    print(f"{options.out}: {plans} plans on {sheets} sheets")
    return 0


def _summary(options: argparse.Namespace) -> int:
    from blueprints.datasets import summary

    refuse_existing(options.out)
    with bars() as step:
        plans = summary.read(options.folder, step)
        paths = summary.write(plans, options.out, step)
    if options.format == "json":
        print(json.dumps(summary.as_json(plans), indent=2))
    else:
        Console().print(summary.as_table(plans))
        print("\n".join(map(str, paths)))
    return 0


def _upload(options: argparse.Namespace) -> int:
    from blueprints.datasets import upload

    upload.files(options.folder)
    problems = _problems(channels.parts(options.folder))
    if is_broken(problems):
        for problem in problems:
            print(f"{problem.severity}: {problem}")
        print("nothing was sent, because the set has errors: fix them first")
        return BROKEN
    with bars() as step:
        report = upload.upload(options.folder, options.bucket, options.region, step)
    print(
        f"s3://{options.bucket}: {report.sent} files sent ({report.sent_bytes / 1e6:.1f} MB), "
        f"{report.kept} were already there"
    )
    if report.others:
        print(
            f"{len(report.others)} other files are in training/ and validation/, and training reads them too"
            f" (first: {report.others[0]}): remove them if they belong to another set"
        )
    return 0


def _problems(folders: Sequence[Path]) -> list[Problem]:
    with bars() as step:
        return check_folders(folders, partial(step, "checking images"))


def _counted(folders: Sequence[Path], problems: Sequence[Problem]) -> str:
    plans = sum(len(yolo.image_files(folder)) for folder in folders)
    errors = sum(problem.severity == "error" for problem in problems)
    return f"plans: {plans}, errors: {errors}, warnings: {len(problems) - errors}"


def _as_json(problem: Problem) -> dict[str, str | None]:
    return {
        "severity": problem.severity,
        "path": str(problem.path),
        "reason": problem.reason,
        "same_as": str(problem.same_as) if problem.same_as else None,
    }
