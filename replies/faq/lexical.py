"""Finds FAQ entries by the words and characters they share with the question, in plain Python.

Each way to ask is a vector of idf-weighted words, word pairs and letter trigrams (Latin) or characters and pairs of
characters (Han). An entry scores with its nearest way to ask and with all of them together (their centroid). A logistic
gate turns the score, the lead over the runner-up and the share of the question that the entry's words cover into the
chance of being right; its weights were fitted on development sets, and `kefu faq eval` tells what they are worth on
another FAQ.
"""

from __future__ import annotations

import math
import re
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from replies.faq.matching import MISS, Action, Candidate, Match
from replies.faq.table import Entry
from replies.text import Language, bare, clip, fold

MAX_TEXT: Final = 400

# Looks at the first character first: most are none with which a courtesy begins.
_COURTESY: Final = re.compile(
    r"(?=[你您请麻谢多亲想我问不哈hdptesci])"
    r"(?:你好|您好|请问|麻烦|谢谢|多谢|亲亲?(?=[\s请你我]|$)|想问一?下|我想问|问一下|想请教|不好意思|哈喽|"
    r"\b(?:hi|hello|hey|dear|please|pls|thanks|thank you|excuse me|sorry|can you tell me|could you tell me|"
    r"i would like to know|i want to know|id like to know)\b)"
)
_SAME: Final = {
    "怎么": ("如何", "怎样", "怎么样才能", "怎么才能", "要怎么", "咋样", "咋", "点样"),
    "什么": ("甚么", "啥", "哪些", "乜嘢", "咩"),
    "什么时候": ("几时", "何时", "啥时候", "甚么时候"),
    "多久": ("多长时间", "多少时间", "几久", "多少天", "几天", "多少日", "几日"),
    "可以": ("能不能", "可不可以", "能否", "可否", "是否可以", "能够", "可唔可以"),
    "有": ("有没有", "有冇"),
    "是": ("是不是", "是否"),
    "支持": ("支不支持", "支援"),
    "账": ("帐",),
    "你": ("您", "妳"),
    "没": ("没有", "冇"),
    "哪里": ("哪儿", "边度"),
}
_CANON: Final = {variant: canon for canon, variants in _SAME.items() for variant in variants}
_VARIANTS: Final = re.compile("|".join(sorted(map(re.escape, _CANON), key=len, reverse=True)))
_PARTICLES: Final = re.compile(r"[吗呢呀啊啦哦哈嘛咯哇喔耶]|[吧么的了](?=\s|\Z)")
_TOKENS: Final = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")
_NUMBER: Final = re.compile(r"[a-z]{0,3}\d{4,}[a-z\d]*\Z")

# Characters of questions in general, which say little about this one.
_GREY: Final = frozenset(
    "我你他她它们的了是有在就也都还要会能可以怎么什多少哪里个这那一把给到想请为吧很太不没去来上下让被和跟与对时候现今明昨天日"
)
_CHAR, _GREY_CHAR, _PAIRS = 0.5, 0.25, (1.0, 0.7, 0.3)  # a pair of characters by how many of them are grey
_WORD, _PAIR, _SKIP, _LETTERS = 1.0, 0.7, 0.4, 0.4


def canonical(text: str) -> str:
    """The question without courtesies, with ways to ask the same thing made one; what exact match compares."""
    plain = bare(fold(clip(text, MAX_TEXT)))
    kept = bare(_PARTICLES.sub("", _COURTESY.sub(" ", plain))) or plain
    return _VARIANTS.sub(lambda found: _CANON[found[0]], kept)


def says_something(text: str) -> bool:
    """Whether there are two characters or more, and not only those any question begins with, such as 我想 or 怎么."""
    plain = bare(fold(clip(text, MAX_TEXT)))
    return len(plain) > 1 and not _GREY.issuperset(plain.replace(" ", ""))


def features(plain: str) -> dict[str, float]:
    """What a canonical text is compared by, with the weight of each kind of feature."""
    found: dict[str, float] = {}
    words: list[str] = []
    for token in _TOKENS.findall(plain):
        if "\u3400" <= token[0] <= "\u9fff":
            _han(token, found)
        elif not _NUMBER.match(token):
            words.append(token)
    if words:
        _latin(words, found)
    return found


def _han(run: str, found: dict[str, float]) -> None:
    for char in run:
        found[char] = _GREY_CHAR if char in _GREY else _CHAR
    for one, two in pairwise(run):
        found[one + two] = _PAIRS[(one in _GREY) + (two in _GREY)]


def _latin(words: Sequence[str], found: dict[str, float]) -> None:
    for word in words:
        found[word + " "] = _WORD
        framed = f"^{word}$"
        for start in range(len(framed) - 2):
            found["#" + framed[start : start + 3]] = _LETTERS
    for one, two in zip(("^", *words), (*words, "$"), strict=True):
        found[f"{one} {two}"] = _PAIR
    for one, two in zip(words, words[2:], strict=False):
        found[f"{one} _ {two}"] = _SKIP


@dataclass(frozen=True, slots=True)
class Gate:
    """From score, lead and cover to the chance of being right, and what chance is enough to answer or to ask back."""

    bias: float = -2.2
    score: float = 2.6
    lead: float = 22.0
    cover: float = 2.7
    answer: float = 0.72
    clarify: float = 0.32

    def chance(self, score: float, lead: float, cover: float) -> float:
        """How likely the best entry is the right one."""
        return 1 / (1 + math.exp(-(self.bias + self.score * score + self.lead * lead + self.cover * cover)))


_CANDIDATES: Final = 3
_COMMON: Final = 25
_NEAREST: Final = 0.3
"""Share of the nearest way to ask in an entry's score; the centroid has the rest."""


_Weight = tuple[float, Sequence[tuple[int, float]]]
"""Of a feature in an entry: its weight in the centroid, and the ways to ask that have it (their numbers within the
entry) with its weight there."""


@dataclass(frozen=True, slots=True)
class _Feature:
    """What the index has on a feature. `bounds`: by entry, what it adds to the score at most."""

    weights: Mapping[int, _Weight]
    bounds: Sequence[tuple[int, float]]


_Known = Sequence[tuple[float, _Feature]]
"""What the index knows of a question, with its weight in the question."""


class LexicalMatcher:
    """An inverted index over all ways to ask, built once; matching reads it only."""

    def __init__(self, entries: Iterable[Entry], gate: Gate | None = None) -> None:
        self._gate = gate or Gate()
        self._ids: list[str] = []
        self._exact: dict[str, list[str]] = {}
        asked: list[list[dict[str, float]]] = []
        for entry in entries:
            self._ids.append(entry.id)
            plains = dict.fromkeys(canonical(way) for ways in entry.questions.values() for way in ways)
            for plain in plains:
                self._exact.setdefault(plain, []).append(entry.id)
            asked.append([features(plain) for plain in plains])
        self._build(asked)

    def _build(self, asked: list[list[dict[str, float]]]) -> None:
        counts = Counter(feature for ways in asked for way in ways for feature in way)
        total = sum(map(len, asked)) + 1
        self._idf = {feature: math.log(total / (count - 0.5) + 1) for feature, count in counts.items()}
        self._unseen = math.log(total / 0.5 + 1)
        common = max(_COMMON, total // 20)
        telling = {feature for feature, count in counts.items() if count <= common}
        weights: dict[str, dict[int, _Weight]] = defaultdict(dict)
        self._ways = list(map(len, asked))
        for number, ways in enumerate(asked):
            for feature, found in _weights([self._unit(way) for way in ways], telling).items():
                weights[feature][number] = found
        self._index = {feature: _Feature(found, _bounds(found)) for feature, found in weights.items()}

    def _unit(self, vector: dict[str, float]) -> dict[str, float]:
        idf, unseen = self._idf.get, self._unseen
        weighted = {feature: weight * idf(feature, unseen) for feature, weight in vector.items()}
        length = _length(weighted) or 1.0
        return {feature: weight / length for feature, weight in weighted.items()}

    def match(self, text: str, language: Language) -> Match:
        """An own question answers at once; else the gate decides on the best entries."""
        plain = canonical(text)
        if owners := self._exact.get(plain):
            candidates = tuple(Candidate(id_, 1.0 / len(owners)) for id_ in owners[:_CANDIDATES])
            if len(owners) == 1:
                return Match(Action.ANSWER, owners[0], candidates, exact=True)
            return Match(Action.CLARIFY, None, candidates, exact=True)
        known = self._known(plain)
        return self._judge(known, self._ranked(known))

    def _known(self, plain: str) -> _Known:
        question, index = self._unit(features(plain)), self._index
        return [(weight, index[feature]) for feature, weight in question.items() if feature in index]

    def _ranked(self, question: _Known) -> list[tuple[float, int]]:
        """Score and number of the best entries, best first; ties keep the order of the file.

        Most entries are out of the question by what they could score at most, which is quicker to tell than the score.
        """
        most = [0.0] * len(self._ids)
        for weight, feature in question:
            for number, bound in feature.bounds:
                most[number] += weight * bound
        best: list[tuple[float, int]] = []
        for bound in sorted(most, reverse=True):
            if not bound or (len(best) == _CANDIDATES and bound < -best[-1][0]):
                break
            number = most.index(bound)
            most[number] = 0.0
            insort(best, (-self._score(question, number), number))
            del best[_CANDIDATES:]
        return [(-score, number) for score, number in best]

    def _score(self, question: _Known, number: int) -> float:
        """How near the question is to the entry's nearest way to ask and to all of them together."""
        total, near = 0.0, [0.0] * self._ways[number]
        for weight, feature in question:
            if (found := feature.weights.get(number)) is not None:
                total += weight * found[0]
                for way, other in found[1]:
                    near[way] += weight * other
        return _NEAREST * max(near) + (1 - _NEAREST) * total

    def _judge(self, question: _Known, ranked: list[tuple[float, int]]) -> Match:
        if not ranked:
            return MISS
        best, number = ranked[0]
        second = ranked[1][0] if len(ranked) > 1 else 0.0
        cover = sum([weight * weight for weight, feature in question if number in feature.weights])
        chance = self._gate.chance(best, best - second, cover)
        candidates = tuple([Candidate(self._ids[number], round(chance * score / best, 4)) for score, number in ranked])
        if chance >= self._gate.answer:
            return Match(Action.ANSWER, candidates[0].id, candidates)
        return Match(Action.CLARIFY if chance >= self._gate.clarify else Action.MISS, None, candidates)


def _weights(ways: Sequence[dict[str, float]], telling: Set[str]) -> dict[str, _Weight]:
    """By feature, its weights in the entry that is asked in these ways, every one of length one.

    Only telling features count in a single way.
    """
    sums: dict[str, float] = defaultdict(float)
    having: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, way in enumerate(ways):
        for feature, weight in way.items():
            sums[feature] += weight
            if feature in telling:
                having[feature].append((number, weight))
    length = _length(sums) or 1.0
    return {feature: (weight / length, tuple(having.get(feature, ()))) for feature, weight in sums.items()}


def _bounds(weights: Mapping[int, _Weight]) -> list[tuple[int, float]]:
    bounds = []
    for number, (weight, ways) in weights.items():
        most = max((other for _, other in ways), default=0.0)
        # A hair more than that: sums of floats depend on their order, and a bound must never be too low.
        bounds.append((number, (_NEAREST * most + (1 - _NEAREST) * weight) * (1 + 1e-9)))
    return bounds


def _length(vector: dict[str, float]) -> float:
    return math.sqrt(sum([weight * weight for weight in vector.values()]))
