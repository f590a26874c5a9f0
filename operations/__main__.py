"""Command line of `operations`: `python -m operations --help`."""

import argparse
import signal
import sys
from pathlib import Path
from typing import get_args

from bulk.options import Options, add_arguments
from console.command import run
from images.inference import settings as serving
from images.inference.settings import Precision, Views
from operations.deploy_policies import DEPLOYED_STAGES
from operations.external import OperationError, require

_STAGE = f"{', '.join(DEPLOYED_STAGES)}: the name of a Pulumi.<stage>.yaml"


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operations", description="Deploys and operates a stage on AWS.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = commands.add_parser("package", help="build the function's archive and the model archive")
    command.add_argument("--stage", help=f"{_STAGE}; without it the function is packaged for every runtime it may have")

    commands.add_parser("settings", help="print the page of all settings, docs/settings.md")

    command = commands.add_parser("evaluate", help="measure weights on labelled plans, through the code that serves")
    command.add_argument("data", type=Path, help="a folder in YOLO format: images/... and labels/...")
    command.add_argument("--model", type=Path, default=Path("models/best.onnx"), help="default: %(default)s")
    command.add_argument(
        "--confidence",
        type=float,
        default=serving.DEFAULT_CONFIDENCE_THRESHOLD,
        help="a served room needs more confidence than this (default: the endpoint's %(default)s)",
    )
    command.add_argument(
        "--iou",
        type=float,
        default=serving.DEFAULT_IOU_THRESHOLD,
        help="a box that overlaps a surer one more than this loses confidence (default: the endpoint's %(default)s)",
    )
    command.add_argument(
        "--precision",
        choices=get_args(Precision),
        help="of the forward pass (default: what the endpoint would choose on this machine)",
    )
    command.add_argument(
        "--views",
        type=int,
        choices=get_args(Views),
        default=serving.DEFAULT_VIEWS,
        help="mirrored views of each plan, averaged (default: the endpoint's %(default)s)",
    )
    command.add_argument("--out", type=Path, default=Path("out"), help="folder for evaluation/ (default: %(default)s)")
    command.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")

    command = commands.add_parser("capacity", help="say what a stage can serve, what it costs and what breaks first")
    command.add_argument("--stage", required=True, help=_STAGE)
    command.add_argument("--measurements", type=Path, help="default: operations/capacity/measurements.yaml")
    command.add_argument("--out", type=Path, default=Path("out"), help="folder for capacity/ (default: %(default)s)")
    command.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: %(default)s")

    command = commands.add_parser("bulk", help="find the rooms of an archive of plans, through Batch Transform")
    command.add_argument("--stage", required=True, help=_STAGE)
    add_arguments(command)

    for name, help_text in (
        ("deploy", "deploy a stage: up, images, up"),
        ("images", "build and push the images and record their digests"),
        ("pin", "record the deployed digests in the stage's settings"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("--stage", required=True, help=_STAGE)

    command = commands.add_parser("promote", help="copy the images that one stage runs to another")
    command.add_argument("--stage", required=True, help=_STAGE)
    command.add_argument("--from", required=True, dest="source", metavar="STAGE", help="the stage that runs them")

    command = commands.add_parser("try-images", help="build the images here and have them find the sample's rooms")
    command.add_argument(
        "--engine", default="", help="docker, podman, buildah or a program (default: the first that works)"
    )
    command.add_argument(
        "--full-training", action="store_true", help="also build the training image with its packages, 7 GB, and train"
    )

    command = commands.add_parser("destroy", help="remove a stage, after a question")
    command.add_argument("--stage", required=True, help=_STAGE)
    command.add_argument("--confirm", metavar="STAGE", help="the stage's name again, instead of answering the question")

    command = commands.add_parser("retrain", help="train a stage's detector again and serve it if it is better")
    command.add_argument("--stage", required=True, help=_STAGE)
    command.add_argument(
        "--hyperparameters", default="", metavar="'NAME=VALUE ...'", help="replace or add to the stage's own"
    )
    command.add_argument(
        "--instance-type", help="instance type of the training job, instead of the stage's training.instanceType"
    )
    command.add_argument(
        "--max-runtime-seconds", type=int, help="time limit; at most the stage's training.maxRuntimeSeconds"
    )
    command.add_argument("--execution", metavar="ARN", help="follow this execution, and record what it publishes")

    command = commands.add_parser("bootstrap", help="create what deployments need once per account")
    command.add_argument("--repository", required=True, metavar="OWNER/NAME", help="the GitHub repository that deploys")
    command.add_argument("--region", default="us-east-2", help="where the state is kept (default: %(default)s)")
    return parser


def _run(arguments: argparse.Namespace) -> int | None:
    # Each command imports what it needs: a wrong option is told at once.
    match arguments.command:
        case "package":
            from operations import package

            return package.build(arguments.stage)
        case "settings":
            from operations import settings_table

            print(settings_table.page())
            return None
        case "evaluate":
            return _evaluate(arguments)
        case "capacity":
            return _capacity(arguments)
        case "bulk":
            from operations import bulk

            return bulk.run(arguments.stage, Options.of(arguments))
        case "promote":
            from operations import images

            require("pulumi", "docker")
            return images.promote(arguments.stage, arguments.source)
        case "try-images":
            from operations import image_trial

            return image_trial.run(arguments.engine, full_training=arguments.full_training)
        case "retrain":
            return _retrain(arguments)
        case "bootstrap":
            from operations import bootstrap

            return bootstrap.run(arguments.repository, arguments.region)
        case _:
            return _deploy(arguments)


def _deploy(arguments: argparse.Namespace) -> None:
    from operations import deployment

    match arguments.command:
        case "deploy":
            deployment.deploy(arguments.stage)
        case "images":
            deployment.publish_images(arguments.stage)
        case "pin":
            deployment.pin_images(arguments.stage)
        case _:
            deployment.destroy(arguments.stage, arguments.confirm)


def _retrain(arguments: argparse.Namespace) -> None:
    from components.settings.stage import SettingsError
    from operations import retraining

    try:
        given = retraining.overrides(arguments.hyperparameters, arguments.instance_type, arguments.max_runtime_seconds)
    except SettingsError as error:
        parser().exit(2, f"error: {error}\n")
    if given and arguments.execution:
        parser().exit(
            2,
            "error: --execution follows a run that has started: give it without overrides\n",
        )
    retraining.retrain(arguments.stage, given, arguments.execution)


def _evaluate(arguments: argparse.Namespace) -> int:
    from operations import evaluation

    return evaluation.run(
        arguments.data,
        model=arguments.model,
        confidence_threshold=arguments.confidence,
        iou_threshold=arguments.iou,
        precision=arguments.precision,
        views=arguments.views,
        out=arguments.out,
        output_format=arguments.format,
    )


def _capacity(arguments: argparse.Namespace) -> int:
    from operations.capacity import command, measurements

    return command.run(
        arguments.stage,
        measurements=arguments.measurements or measurements.FILE,
        out=arguments.out,
        output_format=arguments.format,
    )


def main() -> int:
    arguments = parser().parse_args()
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return _run(arguments) or 0
    except (OperationError, BotoCoreError, ClientError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    run(main)
