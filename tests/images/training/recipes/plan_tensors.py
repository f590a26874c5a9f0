# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Plans of rooms that are filled with a grey of their own, so that a picture says where each room is."""

import torch

from images.training.recipes.plans import Plans
from images.training.recipes.room_map import MAP_STRIDE_PX, SIDE_PX

ROOMS_PX = ((40, 60, 240, 180), (240, 60, 400, 300), (40, 180, 240, 300), (96, 92, 160, 148))
"""Left, top, right, bottom; the last lies in the first."""
GREYS = (40, 90, 140, 190)
SIZE_PX = (480, 360)


def plans() -> Plans:
    """One plan, white but for its rooms."""
    pixels = torch.full((1, 1, SIDE_PX, SIDE_PX), 255, dtype=torch.uint8)
    maps = torch.zeros(1, SIDE_PX // MAP_STRIDE_PX, SIDE_PX // MAP_STRIDE_PX, dtype=torch.uint8)
    for number, ((left, top, right, bottom), grey) in enumerate(zip(ROOMS_PX, GREYS, strict=True), start=1):
        pixels[0, 0, top:bottom, left:right] = grey
        maps[0, top // 2 : bottom // 2, left // 2 : right // 2] = number
    return Plans(
        pixels=pixels,
        maps=maps,
        boxes=torch.tensor(ROOMS_PX, dtype=torch.float32)[None],
        counts=torch.tensor([len(ROOMS_PX)]),
        sizes=torch.tensor([SIZE_PX], dtype=torch.float32),
        weights=torch.ones(1),
    )
