"""Colours that can be read: whatever colour a company likes, white text on it keeps WCAG AA contrast."""

from __future__ import annotations

import re

HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
AA = 4.5
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
DAY, NIGHT = (245, 246, 250), (28, 32, 41)
"""The page's ground in the light scheme, and the lightest ground of the dark one (a bubble)."""

Rgb = tuple[int, int, int]


def parse(text: str) -> Rgb | None:
    """#rgb or #rrggbb, with or without the #."""
    match = HEX.fullmatch(text.strip())
    if match is None:
        return None
    digits = match[1] if len(match[1]) == 6 else "".join(c * 2 for c in match[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def text_of(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def mix(color: Rgb, other: Rgb, share: float) -> Rgb:
    """`share` of the way from color to other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, other, strict=True))
    return red, green, blue


def contrast(color: Rgb, other: Rgb) -> float:
    """WCAG contrast ratio, 1 to 21."""
    low, high = sorted((_luminance(color), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def toward(color: Rgb, end: Rgb, ground: Rgb) -> Rgb:
    """The colour moved toward `end` just far enough to be readable on `ground`."""
    for step in range(51):
        moved = mix(color, end, step / 50)
        if contrast(moved, ground) >= AA:
            return moved
    return end


def palette(color: Rgb) -> dict[str, str]:
    """The custom properties of a page: `brand`, on which white can be read, and its darker end `deep`; the grounds
    `tint` and `shade`; the colours `pen` and `glow` of what is written in the light and the dark scheme."""
    brand = toward(color, BLACK, WHITE)
    tint, shade = mix(brand, WHITE, 0.9), mix(brand, NIGHT, 0.72)
    colors = {
        "brand": brand,
        "deep": mix(brand, BLACK, 0.18),
        "tint": tint,
        "shade": shade,
        "pen": toward(toward(brand, BLACK, tint), BLACK, DAY),
        "glow": toward(toward(brand, WHITE, shade), WHITE, NIGHT),
    }
    return {name: text_of(value) for name, value in colors.items()}


def _luminance(color: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
