"""The built index on disk: found again, shared, grown by what is new, and never in the way when it is broken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from replies.faq import kept as shelf
from replies.faq.encoder import Vectors
from replies.faq.fused import FusedMatcher, make_matcher
from replies.faq.index import Progress
from replies.faq.kept import Kept, key_of
from replies.faq.table import Entry

WAYS = {
    "fee": ("how much is shipping", "what does delivery cost", "is shipping free"),
    "back": ("how do i return an item", "can i send it back", "where do returns go"),
    "open": ("when do you open", "what are your hours", "are you open on sunday"),
}
TEXTS = 12
"""The ways to ask, and an answer each."""


def entries(**more: Sequence[str]) -> list[Entry]:
    return [Entry(id_, {"en": tuple(ways)}, {"en": id_}) for id_, ways in {**WAYS, **more}.items()]


class Letters:
    """An encoder that counts letters, and remembers what it was asked."""

    name = "letters"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        counts = np.array([[text.count(chr(97 + n % 26)) + n / 512 for n in range(512)] for text in texts], np.float32)
        unit: Vectors = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return unit


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "index")


def answers(matcher: FusedMatcher) -> list[object]:
    asked = ("how much does it cost", "return my item", "hours on monday", "the moon", "is shipping free")
    return [matcher.match(text, "en") for text in asked]


@pytest.mark.parametrize("meaning", [True, False])
def test_what_is_kept_answers_as_what_was_built(kept: Kept, meaning: bool) -> None:
    first, second = Letters(), Letters()
    built = make_matcher(entries(), first if meaning else None, kept=kept)
    found = make_matcher(entries(), second if meaning else None, kept=kept)
    assert len(first.asked) == (TEXTS if meaning else 0)
    assert not second.asked
    assert found.weights is not None, "three ways an entry are worth a regression"
    assert answers(found) == answers(built)


def test_after_an_edit_only_what_is_new_is_encoded(kept: Kept) -> None:
    make_matcher(entries(), Letters(), kept=kept)
    encoder = Letters()
    edited = make_matcher(entries(pay=["can i pay by card"]), encoder, kept=kept)
    assert encoder.asked == ["can i pay by card", "pay"]
    assert edited.match("can i pay by card please", "en").id == "pay"
    assert edited.match("how much is shipping", "en").id == "fee"


def test_an_edit_between_two_starts_costs_no_more(kept: Kept) -> None:
    """A start builds an index by wording first, to answer at once; it must not hide the one with the vectors."""
    make_matcher(entries(), Letters(), kept=kept)
    encoder, edited = Letters(), entries(pay=["can i pay by card"])
    first = make_matcher(edited, None, kept=kept)
    make_matcher(edited, encoder, kept=kept, before=first)
    assert encoder.asked == ["can i pay by card", "pay"], "the way to ask, and the answer"


def test_what_another_version_built_is_good_for_its_vectors_only(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    make_matcher(entries(), Letters(), kept=kept)
    monkeypatch.setattr(shelf, "made_by", lambda: "another version")
    encoder = Letters()
    again = make_matcher(entries(), encoder, kept=kept)
    assert not encoder.asked
    assert answers(again) == answers(make_matcher(entries(), Letters()))


def test_another_encoder_reads_everything_itself(kept: Kept) -> None:
    make_matcher(entries(), Letters(), kept=kept)
    other = Letters()
    other.name = "letters-2"
    make_matcher(entries(), other, kept=kept)
    assert len(other.asked) == TEXTS


@pytest.mark.parametrize("harm", [b"", b"rubbish", b"PK\x03\x04" + b"\0" * 60])
def test_a_broken_file_is_told_and_built_anew(kept: Kept, harm: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = kept.path(key_of(entries(), "letters"))
    wanted = answers(make_matcher(entries(), Letters(), kept=kept))
    path.write_bytes(harm)
    assert answers(make_matcher(entries(), Letters(), kept=kept)) == wanted
    assert "is broken" in caplog.text
    assert kept.read(path.stem) is not None


def test_any_flipped_byte_is_noticed_or_harmless(kept: Kept) -> None:
    path = kept.path(key_of(entries(), "letters"))
    wanted = answers(make_matcher(entries(), Letters(), kept=kept))
    whole = path.read_bytes()
    for place in range(0, len(whole), 997):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        assert answers(make_matcher(entries(), Letters(), kept=kept)) == wanted
    for length in range(0, len(whole), len(whole) // 7):
        path.write_bytes(whole[:length])
        assert answers(make_matcher(entries(), Letters(), kept=kept)) == wanted


def test_where_nothing_can_be_kept_it_works_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("no folder")
    matcher = make_matcher(entries(), Letters(), kept=Kept(tmp_path / "file"))
    assert matcher.match("how much is shipping", "en").id == "fee"
    assert "cannot be kept" in caplog.text


def test_old_indexes_go_and_nothing_half_written_stays(kept: Kept, tmp_path: Path) -> None:
    for number in range(12):
        make_matcher(entries(pay=[f"can i pay by card {number}"]), None, kept=kept)
    names = [path.name for path in (tmp_path / "index").iterdir()]
    assert len(names) == 8
    assert all(name.endswith(".npz") for name in names)
    assert kept.read(key_of(entries(pay=["can i pay by card 11"]), "")) is not None


def test_progress_is_told_to_the_end() -> None:
    told: list[Progress] = []
    many = [f"question number {word}" for word in map(str, range(600))]
    make_matcher([Entry("a", {"en": tuple(many)}, {})], Letters(), told=told.append)
    assert [(one.done, one.total) for one in told] == [(0, 600), (256, 600), (512, 600), (600, 600)]
