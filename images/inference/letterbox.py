"""From an image to the model's input, and from the input's coordinates back to the image's.

The geometry is Ultralytics' `LetterBox(640, auto=True, stride=32)`: the longest side becomes 640 px (small images are
scaled up), the shorter one is padded on both sides with grey 114 to the next multiple of 32, not to a square. Scaling
is bilinear with Pillow's antialiasing: Ultralytics' `cv2.INTER_LINEAR` skips pixels when it scales down, which would
break up thin walls. Without scaling, both give the same input.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from pictures.pixels import fitted

LONGEST_SIDE_PX = 640
STRIDE_PX = 32
PADDING_GREY = 114


@dataclass(frozen=True, kw_only=True)
class Letterbox:
    """Where an image lies within the model's input; all lengths in pixels of that input."""

    image_width: int
    image_height: int
    left: int
    top: int
    width: int
    height: int


def fit(width: int, height: int) -> Letterbox:
    """Returns the letterbox of an image of `width` x `height` px, both at least 1."""
    image_width, image_height = fitted(width, height, LONGEST_SIDE_PX)
    padding_x, padding_y = -image_width % STRIDE_PX, -image_height % STRIDE_PX
    return Letterbox(
        image_width=image_width,
        image_height=image_height,
        left=padding_x // 2,
        top=padding_y // 2,
        width=image_width + padding_x,
        height=image_height + padding_y,
    )


def to_input(image: Image.Image, box: Letterbox) -> np.ndarray:
    """Returns the RGB or grey (mode L) `image` in its letterbox as RGB uint8 [1, box.height, box.width, 3]."""
    if image.size != (box.image_width, box.image_height):
        image = image.resize((box.image_width, box.image_height), Image.Resampling.BILINEAR)
    padded = np.full((1, box.height, box.width, 3), PADDING_GREY, dtype=np.uint8)
    inside = padded[0, box.top : box.top + box.image_height, box.left : box.left + box.image_width]
    inside[...] = np.atleast_3d(np.asarray(image))  # one channel of grey becomes three
    return padded


def to_image_fractions(boxes: np.ndarray, box: Letterbox) -> np.ndarray:
    """Maps boxes [n, 4] (x_min, y_min, x_max, y_max) from the input's pixels to fractions 0..1 of the image."""
    offset = np.array([box.left, box.top, box.left, box.top], dtype=np.float32)
    extent = np.array([box.image_width, box.image_height, box.image_width, box.image_height], dtype=np.float32)
    return np.clip((boxes - offset) / extent, 0.0, 1.0)
