"""From a plan to the JSON that answers it: what the server and the function have in common."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from PIL import Image

from images.inference import augmentation, contract, decoding, detection, letterbox, network
from images.inference.answer_rooms import Room, format_rooms
from images.inference.settings import Precision, Settings
from pictures.file import PictureFile


class ImageSize(TypedDict):
    """The upright plan's size in pixels."""

    width: int
    height: int


class Answer(TypedDict):
    """The answer of `POST /invocations`: rooms by falling confidence, at most `detection.MAX_DETECTIONS`."""

    rooms: list[Room]
    image: ImageSize


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A plan as the network takes it: RGB uint8 [1, height, width, 3] in `letterbox`; the upright plan's size in px."""

    pixels: np.ndarray
    letterbox: letterbox.Letterbox
    width: int
    height: int


def decode(file: PictureFile) -> Image.Image:
    """A plan's picture at the size in which the network takes it.

    Raises:
        InvalidImageError, ImageTooLargeError: see `decoding`.
    """
    return decoding.read_image(file, letterbox.LONGEST_SIDE_PX)


def letterboxed(image: Image.Image, file: PictureFile) -> Prepared:
    """Letterboxes the decoded picture of `file`."""
    box = letterbox.fit(file.width, file.height)
    return Prepared(pixels=letterbox.to_input(image, box), letterbox=box, width=file.width, height=file.height)


def prepare(file: PictureFile) -> Prepared:
    """Decodes and letterboxes a plan. Raises as `decode` does."""
    return letterboxed(decode(file), file)


class Detector:
    """Loaded weights with their thresholds; one plan is looked at at a time, on all cores.

    A network a core would answer more requests a second when several wait, for much more memory: OpenVINO keeps what it
    prepares for each shape of input once for each of them.

    Attributes:
        precision: of the forward pass.
        precision_reason: why this one.
    """

    precision: Precision
    precision_reason: str

    def __init__(self, settings: Settings, cores: int) -> None:
        """Loads and warms up the weights.

        Raises:
            ModelError: the weights cannot be served.
        """
        Image.init()  # Pillow imports its formats on first use
        self._settings = settings
        if settings.precision is None:
            self.precision, self.precision_reason = network.choose_precision(settings.model_path)
        else:
            self.precision, self.precision_reason = settings.precision, f"{contract.PRECISION_VARIABLE} says so"
        path = settings.model_path
        loaded = network.load_network(path, threads=cores, precision=self.precision)
        self._network = augmentation.averaged(loaded, settings.views)
        network.warm_up(self._network, path)

    def output(self, plan: Prepared) -> np.ndarray:
        """The network's output [1, 5, anchors]."""
        return self._network(plan.pixels)

    def answer(self, output: np.ndarray, plan: Prepared) -> Answer:
        """What the network's output for a plan says about its rooms."""
        found = detection.select(
            output,
            plan.letterbox,
            confidence_threshold=self._settings.confidence_threshold,
            iou_threshold=self._settings.iou_threshold,
        )
        return {
            "rooms": format_rooms(found.boxes, found.confidences),
            "image": {"width": plan.width, "height": plan.height},
        }

    def detect(self, picture: bytes) -> Answer:
        """Finds the rooms of an image file.

        Raises:
            InvalidImageError, ImageTooLargeError: see `decoding`.
        """
        plan = prepare(decoding.open_image(picture))
        return self.answer(self.output(plan), plan)
