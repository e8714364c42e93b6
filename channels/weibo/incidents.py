"""What many people talk about at once: one name for all of it. Pure; the memory it needs is small, and text.

Two are about the same within 48 hours when they stand under the same post, when they complain under the same #topic#,
or when their words are nearly the same (passed on with a word changed).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from channels.weibo import words

WITHIN = timedelta(hours=48)
MOST = 300
"""Messages remembered; a storm of more than so many has the same few roots."""
HASHES, SHINGLE = 24, 3
LEAST = 12
"""Characters below which words are alike by accident ("客服在吗")."""
ALIKE = 0.55
"""Share of equal hashes, which estimates the share of common shingles."""
EYES = 2_000
"""Characters that are compared."""
PRIME = (1 << 31) - 1
COMPLAINT = re.compile(
    r"投诉|投訴|维权|維權|曝光|避雷|骗|騙|坑|退款|退货|退貨|赔|賠|假货|假貨|质量|質量|坏|壞|受伤|受傷|烫伤|燙傷|起火|爆炸|冒烟"
    r"|漏电|中毒|过敏|過敏|垃圾|差劲|差勁|失望|恶心|噁心|态度|態度|没人管|沒人管|不理|不给|不給|不发货|不發貨|怎么还|怎麼還|气死|氣死"
    r"|无语|無語|召回|出事|医院|醫院|孩子|scam|refund|broken|burn|injur|terrible|worst|recall|complain",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """One message. `subject`: the post all of it is about; `ours`: that post is our own, under which people talk of
    many things."""

    id: str
    subject: str
    text: str
    at: datetime
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """What is remembered of one."""

    id: str
    key: str
    subject: str
    topics: tuple[str, ...]
    marks: tuple[int, ...]
    at: datetime


Memory = tuple[Trace, ...]


def name(memory: Memory, told: Told) -> tuple[str, Memory]:
    """The incident's key ("" where it is a matter of its own), and the memory with it. The same message has the same
    key each time."""
    recent = tuple(one for one in memory if abs(told.at - one.at) <= WITHIN)
    if known := next((one for one in memory if one.id == told.id), None):
        return known.key, memory
    trace = _trace(told)
    alike = next((one for one in recent if _same(one, trace)), None)
    trace = _keyed(trace, alike.key if alike else f"post:{told.subject}" if trace.subject else f"said:{told.id}")
    if not (trace.subject or trace.topics or trace.marks):
        return "", memory
    kept = tuple(one for one in memory if one.at > told.at - WITHIN)
    return trace.key, (*kept, trace)[-MOST:]


def _trace(told: Told) -> Trace:
    grave = bool(COMPLAINT.search(told.text[:EYES]))
    subject = told.subject if not told.ours or grave else ""
    topics = tuple(words.topics(told.text[:EYES])[:5]) if grave else ()
    return Trace(told.id, "", subject, topics, marks(told.text), told.at)


def _keyed(trace: Trace, key: str) -> Trace:
    return Trace(trace.id, key, trace.subject, trace.topics, trace.marks, trace.at)


def _same(one: Trace, other: Trace) -> bool:
    if one.subject and one.subject == other.subject:
        return True
    return bool(set(one.topics) & set(other.topics)) or likeness(one.marks, other.marks) >= ALIKE


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """From 0 to 1."""
    if not one or not other:
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / HASHES


def marks(told: str) -> tuple[int, ...]:
    """The smallest hashes of its shingles under so many orders; () if it is too short to tell."""
    seen = normal(told)
    if len(seen) < LEAST:
        return ()
    hashes = {_hash(seen[n : n + SHINGLE]) for n in range(len(seen) - SHINGLE + 1)}
    return tuple(min((a * h + b) % PRIME for h in hashes) for a, b in ORDERS)


def normal(told: str) -> str:
    """The letters and figures of it, as they compare: names, links and marks left out."""
    bare = words.MENTION.sub("", words.LINK.sub("", words.REPLY.sub("", told[:EYES])))
    return "".join(c for c in unicodedata.normalize("NFKC", bare).casefold() if c.isalnum())


def _hash(shingle: str) -> int:
    return int.from_bytes(hashlib.blake2b(shingle.encode("utf-8", "replace"), digest_size=4).digest()) % PRIME


ORDERS = tuple((_hash(f"a{n}") | 1, _hash(f"b{n}")) for n in range(HASHES))


# ---- the memory, as text ------------------------------------------------------------------------------------------


def dump(memory: Memory) -> str:
    rows = [[one.id, one.key, one.subject, one.topics, one.marks, int(one.at.timestamp())] for one in memory]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def load(told: str | None) -> Memory:
    """What was dumped; nothing if that cannot be read any more."""
    try:
        return tuple(
            Trace(id_, key, subject, tuple(topics), tuple(marked), datetime.fromtimestamp(at, UTC))
            for id_, key, subject, topics, marked, at in json.loads(told or "[]")
            if len(marked) in (0, HASHES)
        )
    except (ValueError, TypeError):
        return ()
