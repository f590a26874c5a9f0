"""The detector: from the bytes of a plan to its rooms. The server and the function both answer through it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from images.inference import decoding, detection, letterbox, network, rooms
from images.inference.decoding import Picture
from images.inference.network import Network, Precision

# A JPEG is decoded no smaller than this many times the network's input, so that what it looks like there is the same.
_LEAST_DECODED = 2


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A plan as the network takes it: RGB uint8 [1, height, width, 3] in `letterbox`; the upright plan's size in px."""

    pixels: np.ndarray
    letterbox: letterbox.Letterbox
    width: int
    height: int


def decode(image: Image.Image) -> Picture:
    """Decodes what `decoding.open_image` opened, no larger than the network can tell.

    Raises:
        InvalidImageError: the image is damaged, truncated or of an unsupported kind.
    """
    return decoding.load_picture(image, _LEAST_DECODED * letterbox.LONGEST_SIDE_PX)


def prepare(picture: Picture) -> Prepared:
    """Letterboxes a decoded plan."""
    box = letterbox.fit(picture.width, picture.height)
    return Prepared(
        pixels=letterbox.to_input(picture.image, box), letterbox=box, width=picture.width, height=picture.height
    )


class Detector:
    """Loaded weights: on all cores for one plan or, after `add_streams`, on a core for each of several at once.

    One plan is answered sooner on all cores, but not as many times sooner as there are cores: of several plans more are
    answered in a second when each has a core of its own.
    """

    def __init__(self, path: Path, cores: int, precision: Precision) -> None:
        """Loads and warms up the weights.

        Raises:
            ModelError: the weights cannot be served.
        """
        Image.init()  # Pillow imports its formats on first use
        self.precision: Precision = precision
        self._path = path
        self._cores = cores
        self._wide = self._narrow = self._load(streams=1)

    def add_streams(self) -> None:
        """Loads the weights once more, for several plans at once; plans may be looked at meanwhile.

        Raises:
            ModelError: the weights have been changed since.
        """
        if self._cores > 1:
            self._narrow = self._load(streams=self._cores)

    def output(self, prepared: Prepared, *, alone: bool) -> np.ndarray:
        """The network's output [1, 5, anchors]; `alone` says that no other plan is there to be looked at."""
        return (self._wide if alone else self._narrow)(prepared.pixels)

    def _load(self, streams: int) -> Network:
        loaded = network.load_network(self._path, threads=self._cores, precision=self.precision, streams=streams)
        network.warm_up(loaded, self._path)
        return loaded


def find_rooms(
    output: np.ndarray, prepared: Prepared, *, confidence_threshold: float, iou_threshold: float
) -> list[rooms.Room]:
    """The rooms of the answer, from the network's output for `prepared`."""
    found = detection.select(
        output, prepared.letterbox, confidence_threshold=confidence_threshold, iou_threshold=iou_threshold
    )
    return rooms.format_rooms(found.boxes, found.confidences)
