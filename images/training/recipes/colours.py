# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Changes of a sheet's look: brightness, tint, inversion, grey, blur and noise, each on a share of the sheets."""

import torch
from torch.nn import functional

from images.training.recipes.composition import uniform

GAIN_SHARE = 0.45
TINT_SHARE = 0.3
"""Of the sheets whose brightness changes."""
INVERTED_SHARE = 0.05
GREY_SHARE = 0.15
BLUR_SHARE = 0.10
NOISE_SHARE = 0.08
GAMMA_SPREAD = 0.25
"""Of the exponent's logarithm."""


def change(pixels: torch.Tensor) -> torch.Tensor:
    """Changed copies of `pixels`, float [n, 3, height, width], 0..255."""
    n, device = len(pixels), pixels.device

    def chosen(share: float) -> torch.Tensor:
        return (torch.rand(n, device=device) < share)[:, None, None, None]

    def random(low: float, high: float, channels: int = 1) -> torch.Tensor:
        return uniform(n * channels, low, high, device).reshape(n, channels, 1, 1)

    x = pixels / 255
    gamma = torch.exp(torch.randn(n, 1, 1, 1, device=device) * GAMMA_SPREAD)
    tint = torch.where(chosen(TINT_SHARE), random(0.85, 1.15, 3), 1.0)
    gained = (x.clamp(min=1e-3) ** gamma * random(0.75, 1.3) + random(-0.1, 0.1)) * tint
    x = torch.where(chosen(GAIN_SHARE), gained.clamp(0, 1), x)
    x = torch.where(chosen(INVERTED_SHARE), 1 - x, x)
    x = torch.where(chosen(GREY_SHARE), x.mean(1, keepdim=True), x)
    sharp = random(0.0, 0.6)
    blurred = functional.avg_pool2d(functional.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = torch.where(chosen(BLUR_SHARE), x * sharp + blurred * (1 - sharp), x)
    x = torch.where(chosen(NOISE_SHARE), x + torch.randn_like(x) * random(0.01, 0.06), x)
    return x.clamp(0, 1) * 255
