"""What is held out to the customer: a promise has a time, and a refusal has a twin that says what can be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from replies.etiquette.rules import Advice, Reading
from replies.etiquette.tables import Table

_DONE: Final[Mapping[str, tuple[str, str]]] = {
    "办": ("办好", "辦好"),
    "做": ("做好", "做好"),
    "发": ("发出", "寄出"),
    "到": ("送到", "送達"),
    "退": ("退款", "退款"),
    "处理": ("处理好", "處理好"),
    "修": ("修好", "修好"),
    "送": ("送到", "送達"),
    "寄": ("寄出", "寄出"),
    "完成": ("完成", "完成"),
    "解决": ("解决好", "解決好"),
    "安排": ("安排好", "安排好"),
}
"""A verb that cannot be done in time, and what is so after that time; Simplified and Traditional."""
_NEAR: Final = 10


def promises(reading: Reading, table: Table) -> Iterator[Advice]:
    """Words that hold something out, in sentences that do not say when; and what nobody in particular will do."""
    for match in table.nobody.finditer(reading.seen):
        yield reading.advice("promise", "promise", *match.span())
    for match in table.vague.finditer(reading.seen):
        start, end = match.span()
        sentence = reading.sentence(start, end)
        if not table.time.search(sentence) and not table.now.search(sentence):
            yield reading.advice("promise", "promise", start, end)


def refusals(reading: Reading, table: Table) -> Iterator[Advice]:
    """What cannot be done before a time, though it can be after it."""
    for match in table.deadline.finditer(reading.seen):
        start, end = match.span()
        if reading.language == "en":
            if not table.excused.search(reading.sentence(start, end)):
                yield reading.advice("negative", "negative", start, end)
            continue
        times = [one for one in table.time.finditer(reading.seen, max(0, start - _NEAR), start) if one.end() == start]
        if times:
            first = times[0].start()
            yield reading.advice("negative", "negative", first, end, _twin(reading, first, start, match["verb"]))


def _twin(reading: Reading, first: int, start: int, verb: str | None) -> str:
    """周三前办不了 → 周三后为您办好; empty for other verbs."""
    if verb is None or verb not in _DONE:
        return ""
    after, form = ("後為您", 1) if reading.language == "zh-Hant" else ("后为您", 0)
    return reading.shown[first:start] + after + _DONE[verb][form]
