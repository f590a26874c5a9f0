"""From the bytes of a picture to the document that answers it: what the endpoint and the function have in common."""

from typing import Self, TypedDict

from PIL import Image

from images.inference import decoding, detection, letterbox, rooms
from images.inference.settings import Settings


class ImageSize(TypedDict):
    """The upright picture's size in pixels."""

    width: int
    height: int


class Answer(TypedDict):
    """The answer of `POST /invocations`: rooms by falling confidence, at most `detection.MAX_DETECTIONS`."""

    rooms: list[rooms.Room]
    image: ImageSize


class Detector:
    """Loaded weights and the thresholds that they are used with."""

    def __init__(self, network: detection.Network, settings: Settings) -> None:
        self._network = network
        self._settings = settings

    @classmethod
    def load(cls, settings: Settings, cores: int) -> Self:
        """Loads the weights for `cores` threads and warms them up, so that the first picture takes no longer.

        Raises:
            ModelError: the weights cannot be served.
        """
        Image.init()  # Pillow imports its formats on first use
        network = detection.load_network(settings.model_path, cores)
        detection.warm_up(network, settings.model_path)
        return cls(network, settings)

    def detect(self, picture: bytes) -> Answer:
        """Finds the rooms of an image file.

        Raises:
            InvalidImageError, ImageTooLargeError: see `decoding.decode`.
        """
        image = decoding.decode(picture)
        box = letterbox.fit(image.width, image.height)
        detections = detection.select(
            self._network(letterbox.to_input(image, box)),
            box,
            confidence_threshold=self._settings.confidence_threshold,
            iou_threshold=self._settings.iou_threshold,
        )
        return {
            "rooms": rooms.format_rooms(detections.boxes, detections.confidences),
            "image": {"width": image.width, "height": image.height},
        }
