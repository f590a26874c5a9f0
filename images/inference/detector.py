"""From a plan to the JSON answer: what the server and the function have in common."""

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
    """The answer of `POST /invocations`: at most `detection.MAX_DETECTIONS` rooms in descending order of confidence."""

    rooms: list[Room]
    image: ImageSize


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A plan as network input: RGB uint8 [1, height, width, 3] in `letterbox`, and the upright plan's size in px."""

    pixels: np.ndarray
    letterbox: letterbox.Letterbox
    width: int
    height: int


def decode(file: PictureFile) -> Image.Image:
    """A plan's picture in the size of the network's input.

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
    """Loaded weights with their thresholds; one plan is processed at a time, on all cores.

    One network per core would answer more requests per second when several wait, but need much more memory: OpenVINO
    caches what it prepares for each input shape separately for each network.

    Attributes:
        precision: of the forward pass.
        precision_reason: why this precision was chosen.
    """

    precision: Precision
    precision_reason: str

    def __init__(self, settings: Settings, cores: int) -> None:
        """Loads and warms up the weights.

        Raises:
            ModelError: the weights cannot be served.
        """
        Image.init()  # Pillow imports its plugins on first use
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
        """The rooms of a plan, from the network's output."""
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
