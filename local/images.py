"""The project's container images, which run here without a container, because their code is in this repository."""

from collections.abc import Mapping

from local.account.inputs import UnsupportedError
from program.stage_file import ROOT

# The working directory in an image.
WORKING_DIRECTORY = ROOT

# An image's default command, by the name of its repository without the stage.
_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "room-detection-yolov8-inference": ("-m", "images.inference", "serve"),
}


def served_program(image: str, *, subject: str) -> tuple[str, ...]:
    """The arguments for Python with which an image serves.

    `subject` names what runs the image, for the text of the `UnsupportedError` if the image is not the project's.
    """
    repository = image.partition("/")[2].partition("@")[0].partition(":")[0]
    for name, program in _PROGRAMS.items():
        if repository == name or repository.startswith(f"{name}-"):
            return program
    raise UnsupportedError(
        f"{subject}: image {image} cannot run here: "
        f"the local stage runs {', '.join(_PROGRAMS)} without a container; add others to local/images.py"
    )
