"""The font embedded in Pillow (Aileron): the same on every machine, but with few glyphs."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

# Height of a capital relative to the font's em: drawings specify lettering by its capitals (ISO 3098).
CAPITAL_PER_EM = 0.7


@lru_cache(maxsize=64)
def font(em_px: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels. TypeError if Pillow has no FreeType, which its wheels always have."""
    loaded = ImageFont.load_default(em_px)
    if not isinstance(loaded, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType: install Pillow from its wheel")
    return loaded


def undrawable(text: str) -> str:
    """The characters of `text` without a glyph in the font, each once; this includes most accented letters."""
    return "".join(character for character in dict.fromkeys(text) if not _has_glyph(character))


def drawable(text: str) -> str:
    """The text with a "?" for each character that the font has no glyph for."""
    missing = undrawable(text)
    return "".join("?" if character in missing else character for character in text)


@lru_cache(maxsize=1024)
def _has_glyph(character: str) -> bool:
    # FreeType draws the same box for every missing glyph; U+FFFF never has one.
    return character.isprintable() and _picture(character) != _picture("\uffff")


def _picture(character: str) -> bytes:
    image = Image.new("L", (80, 80))
    ImageDraw.Draw(image).text((20, 20), character, fill=255, font=font(40))
    return image.tobytes()
