"""Text as matching sees it: folded to one form, and the written language it is in.

What is folded is only ever compared; what a customer reads is never folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, Literal

Language = Literal["zh-Hans", "zh-Hant", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh-Hans", "zh-Hant", "en")

_OURS: Final[dict[str, Language]] = {language: language for language in LANGUAGES}

FALLBACKS: Final[dict[Language, tuple[Language, ...]]] = {
    "zh-Hans": ("zh-Hans", "zh-Hant", "en"),
    "zh-Hant": ("zh-Hant", "zh-Hans", "en"),
    "en": ("en", "zh-Hans", "zh-Hant"),
}
"""Where to look for words in a language, best first."""

HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_OTHER_CJK = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CODE = re.compile(r"\S*\d\S*|https?:\S+|\S+@\S+")
_OF_CODE = re.compile(r"[\d:@]")  # much quicker than to look for the whole of it at every character
# Controls but tab and newline, bidi overrides, lone surrogates and non-characters: never shown, never stored.
_HARMFUL = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
# Invisible, and part of no word: joiners, selectors, fillers, private use. What is shown keeps them, for emoji.
_INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u206a-\u206f\ue000-\uf8ff"
    r"\ufe00-\ufe0f\ufeff\ufff0-\ufffd"
)
_UNFIT = re.compile(f"[{_HARMFUL}]+")
_MARKS = re.compile(f"[{_HARMFUL}{_INVISIBLE}]+")
_LONE = re.compile(r"[\ud800-\udfff]")  # OpenCC takes UTF-8, which has no room for them

# Said in Taiwan or Hong Kong, in characters that both scripts have.
_TAIWAN_HONG_KONG: Final = re.compile(
    r"保固|支援|超商|宅配|早安|掰掰|(?:喔|蛤)\W{0,20}\Z|唷|唔|咩|乜|冇|仲有|而家|几时|睇|搵"
)
_FUNCTION_WORD: Final = re.compile(
    r"a|an|and|are|can|could|did|do|does|for|from|have|how|i|i'm|in|is|it|me|my|no|not|of|on|or|please|the|this|to|"
    r"was|what|when|where|which|who|why|will|with|would|you|your"
)


def language_of(tag: str | None) -> Language | None:
    """The language of ours that a BCP 47 tag means; None if it is none of them."""
    if not tag:
        return None
    if tag in _OURS:
        return _OURS[tag]
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "en":
        return "en"
    if parts[0] not in ("zh", "yue", "cmn"):
        return None
    if "hans" in parts:
        return "zh-Hans"
    if parts[0] == "yue" or {"hant", "tw", "hk", "mo"} & set(parts):
        return "zh-Hant"
    return "zh-Hans"


def _in_charset(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@cache
def script_of(char: str) -> Literal["zh-Hans", "zh-Hant"] | None:
    """Which script alone uses this character; None for those that both use, such as 你 or 后.

    The national character sets are the word lists: GB 2312 has what is written in Simplified, Big5 what is
    written in Traditional, and what stands in both says nothing.
    """
    if not HAN.match(char):
        return None
    simplified, traditional = _in_charset(char, "gb2312"), _in_charset(char, "big5")
    if simplified == traditional:
        return "zh-Hant" if char in "嘅咗嘢冇喺嚟啲佢嗰咁噉俾冧攞" else None
    return "zh-Hans" if simplified else "zh-Hant"


def detect(text: str, hint: str | None = None) -> Language:
    """The written language to answer in.

    Characters of one script decide; where they are silent (短文, "OK", an order number) the hint does,
    then words of Taiwan and Hong Kong, then Simplified for Han text and for no letters at all, English for the rest.
    """
    text = text[:1000]
    known = language_of(hint)
    han = HAN.findall(text)
    if not han:
        return _detect_latin(text, _latin_words(text), known)
    if _OTHER_CJK.search(text):
        return known or "en"
    # Where half of the characters are Han, there cannot be more words beside them.
    if len(text) > 2 * len(han) and _is_english(_latin_words(text), len(han)):
        return "en"
    scripts = [script for char in han if (script := script_of(char))]
    simplified = scripts.count("zh-Hans")
    if simplified * 2 != len(scripts):
        return "zh-Hans" if simplified * 2 > len(scripts) else "zh-Hant"
    if known in ("zh-Hans", "zh-Hant"):
        return known
    return "zh-Hant" if _TAIWAN_HONG_KONG.search(text) else "zh-Hans"


def _latin_words(text: str) -> list[str]:
    text = HAN.sub(" ", text)
    return _LATIN_WORD.findall(_CODE.sub(" ", text) if _OF_CODE.search(text) else text)


def _is_english(words: list[str], han: int) -> bool:
    return len(words) > han and sum(_FUNCTION_WORD.fullmatch(word.lower()) is not None for word in words) >= 2


def _detect_latin(text: str, words: list[str], known: Language | None) -> Language:
    """Without Han: two words are a sentence somebody wrote in it, one word ("ok", "iPhone") follows the hint."""
    if len(words) >= 2 and not _OTHER_CJK.search(text):
        return "en"
    return known or ("en" if words else "zh-Hans")


@cache
def _converter() -> Callable[[str], str]:
    # Built at the first Han text only: a process that never sees Chinese does not pay for the dictionaries.
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


def simplified(text: str) -> str:
    """The same text in Simplified characters; unchanged if it has no Han."""
    return _converter()(text if text.isprintable() else _LONE.sub("", text)) if HAN.search(text) else text


def clean(text: str) -> str:
    """Fit to be shown and stored: without controls, bidi overrides and lone surrogates; newlines and emoji stay."""
    return text if text.isprintable() else _UNFIT.sub("", text)


def clip(text: str, limit: int = 2000) -> str:
    """The head and the tail of a long text: in a long letter the wish stands at either end."""
    if len(text) <= limit:
        return text
    tail = limit // 4
    return text[: limit - tail - 1] + " " + text[-tail:]


@lru_cache(maxsize=4)  # the rules of one decision fold the same text several times over; it is not for the next one
def fold(text: str) -> str:
    """One form for all ways to write the same: width, case, script (Simplified), invisible characters, spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _MARKS.sub("", text))
        text = simplified(text)
    text = text.casefold().replace("’", "'")
    return " ".join(_MARKS.sub("", text).split())


_DRAWN = re.compile(r"([^\W\d])\1{2,}")
_ADDRESS = re.compile(r"https?://[!-~]{1,500}|(?<![a-z\d.+-])[a-z\d._+-]{1,64}@[a-z\d.-]{1,255}")
_NUMBER = re.compile(r"(?<![a-z\d])\+?[a-z]{0,3}(?:\d(?:[ \-]?\d){7,40}|\d{5,7})[a-z]{0,2}(?![a-z\d])")


def steady(folded: str) -> str:
    """Folded text with a letter that is drawn out written once: sooooo is so, 哈哈哈哈 is 哈."""
    return _DRAWN.sub(r"\1", folded)


def masked(folded: str) -> str:
    """Folded text without addresses and the numbers of phones, cards, orders and parcels, which mislead matching.

    Amounts and sizes, which are short, stay.
    """
    return _NUMBER.sub(" ", _ADDRESS.sub(" ", folded))


_GAPS = re.compile(r"[\W_]+")


def bare(folded: str) -> str:
    """Folded text without punctuation, symbols and emoji: what is compared as a whole."""
    if folded.isalnum():
        return folded
    return _GAPS.sub(" ", folded.replace("'", "")).strip(" ")
