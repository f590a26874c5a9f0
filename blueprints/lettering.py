"""The font embedded in Pillow (Aileron): the same glyphs on every machine, but no more than it holds."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

# Height of a capital over the em of the font: drawings give lettering by its capitals (ISO 3098).
CAPITAL_PER_EM = 0.7


@lru_cache(maxsize=64)
def font(em_px: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels. TypeError if Pillow has no FreeType, which its wheels always have."""
    loaded = ImageFont.load_default(em_px)
    if not isinstance(loaded, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType: install Pillow from its wheel")
    return loaded


def undrawable(text: str) -> str:
    """The characters of `text` that the font has no glyph for, each once; most letters with accents are among them."""
    return "".join(character for character in dict.fromkeys(text) if not _has_glyph(character))


def drawable(text: str) -> str:
    """The text with a "?" for each character that the font has no glyph for."""
    missing = undrawable(text)
    return "".join("?" if character in missing else character for character in text)


@lru_cache(maxsize=1024)
def _has_glyph(character: str) -> bool:
    # FreeType draws one and the same box for whatever is missing; U+FFFF never has a glyph.
    return character.isprintable() and _picture(character) != _picture("\uffff")


def _picture(character: str) -> bytes:
    image = Image.new("L", (80, 80))
    ImageDraw.Draw(image).text((20, 20), character, fill=255, font=font(40))
    return image.tobytes()
