from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.web.color import AA, BLACK, DAY, NIGHT, WHITE, Rgb, contrast, palette, parse, text_of

channel = st.integers(0, 255)
colors = st.tuples(channel, channel, channel)


@given(colors)
def test_whatever_the_colour_text_can_be_read(color: Rgb) -> None:
    shades: dict[str, Rgb] = {name: parse(value) or BLACK for name, value in palette(color).items()}
    for written, grounds in {
        WHITE: ("brand", "deep"),
        shades["pen"]: ("tint", DAY, WHITE),
        shades["glow"]: ("shade", NIGHT),
        (0x1B, 0x21, 0x30): ("tint",),
        (0xEC, 0xEE, 0xF4): ("shade",),
    }.items():
        for ground in grounds:
            assert contrast(written, shades[ground] if isinstance(ground, str) else ground) >= AA


def test_a_readable_colour_is_left_alone() -> None:
    assert palette((0x2B, 0x59, 0xC3))["brand"] == "#2b59c3"


@given(colors)
def test_a_colour_survives_writing(color: Rgb) -> None:
    assert parse(text_of(color)) == color


@pytest.mark.parametrize(
    ("text", "color"), [("#fff", WHITE), ("ABC", (0xAA, 0xBB, 0xCC)), ("#12", None), ("red", None)]
)
def test_parse(text: str, color: Rgb | None) -> None:
    assert parse(text) == color


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(WHITE, (0, 0, 0)) == pytest.approx(21)
    assert contrast((0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.01)
