"""What any network may send, as any database can hold it."""

from __future__ import annotations

import hypothesis.strategies as st
import orjson
import pytest
from hypothesis import given

from bot.keepable import LONGEST_ID, clean, clean_json, keepable
from bot.messages import Attachment, Incoming, Kind

anything = st.text(st.characters(codec=None, categories=None, exclude_categories=()))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | anything,
    lambda inner: st.lists(inner) | st.dictionaries(anything, inner),
    max_leaves=10,
)


@given(text=anything)
def test_a_text_can_be_encoded_and_has_no_nul(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert "\0" not in cleaned
    assert clean(cleaned) == cleaned


@given(text=st.text().filter(lambda t: "\0" not in t))
def test_a_sound_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("a\0b", "a\ufffdb"), ("\ud83d\ude00", "😀"), ("\ude00\ud83d", "\ufffd\ufffd"), ("你\udfff", "你\ufffd")],
)
def test_pairs_are_joined_and_lone_halves_replaced(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(value=values)
def test_any_json_can_be_kept(value: object) -> None:
    assert b"\\u0000" not in orjson.dumps(clean_json(value))


@given(extra=st.dictionaries(anything, values, max_size=4), name=anything)
def test_what_is_found_sound_quickly_is_what_it_would_have_been_made(extra: dict[str, object], name: str) -> None:
    file = Attachment(Kind.FILE, name, "text/plain", size=2**64 if "9" in name else 9)
    kept = keepable(Incoming("1", "li", extra=extra, attachments=(file,)))
    assert orjson.dumps(kept.extra) == orjson.dumps(clean_json(extra))
    assert orjson.loads(orjson.dumps(kept.attachments[0].name)) == clean(name)


def test_ids_are_kept_apart_from_our_own_and_short_enough_for_an_index() -> None:
    def kept(external_id: str) -> str:
        return keepable(Incoming(external_id, "li")).external_id

    assert kept("abc") == "abc"
    assert kept("kefu:agent:1:c") == "external:kefu:agent:1:c"
    long, other = "长" * (LONGEST_ID + 1), "长" * (LONGEST_ID + 2)
    assert kept(long) == kept(long) != kept(other)
    assert len(kept(long)) < LONGEST_ID
    assert kept(kept(long)) != kept(long)


def test_attachments_keep_what_they_are() -> None:
    photo = Attachment(Kind.IMAGE, "a\0.jpg", "image/jpeg", 12, "https://example.com")
    (kept,) = keepable(Incoming("1", "li", attachments=(photo,))).attachments
    assert kept == Attachment(Kind.IMAGE, "a\ufffd.jpg", "image/jpeg", 12, "https://example.com")
