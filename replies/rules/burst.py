"""Bursts: people write in pieces, and want one answer."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from bot.dialogue import Decision
from bot.messages import Kind
from replies.faq.matching import Action
from replies.memory import LONGEST_HEARD, MOST_HEARD, seconds
from replies.text import HAN
from replies.turn import Turn
from replies.words import is_blank

WAIT: Final = timedelta(seconds=2)
"""How long a piece waits for the next."""
LONGEST_WAIT: Final = 8
"""Seconds after the first piece when whatever is there is answered."""

_ENDED: Final = re.compile(r"[。！？；.!?;）)】\]]\s*$")
_ASKS: Final = re.compile(
    r"[?？吗嗎么麼呢]|什|甚|怎|如何|几|幾|多久|多少|多长|多長|哪|谁|誰|为何|為何|能否|可否|是否|能不能|可不可以|可以|"
    r"是不是|有没有|有沒有|\b(?:what|when|where|which|who|why|how|can|could|do|does|did|is|are|will|would|should)\b",
    re.IGNORECASE,
)
_TRAILS: Final = re.compile(
    r"(?:[,，、:：—]|那个|那個|这个|這個|就是|然后|然後|因为|因為|但是|不过|不過|关于|關於|还有|還有|而且|所以|"
    r"如果|比如|我想|我要|我有|"
    r"\b(?:and|but|because|so|about|the|my|a|an|i|with|for|if|when|regarding))\s*$",
    re.IGNORECASE,
)
_FADES: Final = re.compile(r"(?:\.{2,}|…)\s*$")
_POINTS: Final = re.compile(
    r"\s*(?:那个|那個|这个|這個|就是|关于|關於|还有|還有|然后|然後|我(?:那个|那個|这个|這個|上次|之前))"
)
_SHORT_HAN: Final = 8
_SHORT: Final = 24


def hold(turn: Turn) -> Decision | None:
    """More is to come: the customer's next message waits already, or this one is only the beginning of a sentence.

    What was written so far is answered together with the next message, or after two seconds by itself; a network that
    lets us only answer, never write, is not kept waiting. The operator's own question is answered at once.
    """
    question = turn.question
    if turn.waited or turn.tapped or question.kind is not Kind.TEXT or is_blank(question.text) or _full(turn):
        return None
    if question.more:
        return None if turn.match.exact else turn.wait("burst.more", WAIT)
    if question.pushes and _unfinished(turn):
        return turn.wait("burst.piece", WAIT)
    return None


def _full(turn: Turn) -> bool:
    heard, now = turn.before.heard, seconds(turn.question.now)
    if len(turn.question.text) > LONGEST_HEARD or len(heard) >= MOST_HEARD:
        return True
    return bool(heard) and not 0 <= now - turn.before.since < LONGEST_WAIT


def _unfinished(turn: Turn) -> bool:
    text = turn.question.text
    if turn.knowledge.words.chat(text) is not None:
        return turn.talk == "opener"
    if is_piece(text):
        return not turn.match.exact
    return bool(turn.before.heard) and is_short(text) and turn.match.action is not Action.ANSWER


def is_piece(text: str) -> bool:
    """It reads like the beginning of a sentence: it trails off, or only points at something."""
    if len(text) > 2 * _SHORT:
        return False
    if _TRAILS.search(text) or (_FADES.search(text) and not _ASKS.search(text)):
        return True
    return is_short(text) and _POINTS.match(text) is not None


def is_short(text: str) -> bool:
    """A few words that end nothing and ask nothing."""
    most = _SHORT_HAN if HAN.search(text) else _SHORT
    return len(text.strip()) <= most and not _ENDED.search(text) and not _ASKS.search(text)
