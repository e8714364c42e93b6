"""The handoff record: what an agent reads before his first word, so that the customer never says a thing twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.dialogue import HandoffRequest, Question
from bot.ports import HandoffDraft

LONGEST = 300
"""Characters of a quotation; the transcript itself stands below the record."""
BURST = 3
"""The customer's last messages in a row that make up what he said last: people write in pieces."""

TRIGGERS = {
    "asked": {"zh-Hans": "客户要求人工客服", "zh-Hant": "客戶要求真人客服", "en": "the customer asked for a person"},
    "tier": {
        "zh-Hans": "投诉等级需要人工处理",
        "zh-Hant": "客訴等級需要真人處理",
        "en": "the complaint’s tier needs a person",
    },
    "misses": {
        "zh-Hans": "机器人多次未能解答",
        "zh-Hant": "機器人多次未能解答",
        "en": "the bot could not answer several times",
    },
    "anger": {"zh-Hans": "客户情绪激动", "zh-Hant": "客戶情緒激動", "en": "the customer is upset"},
    "vip": {"zh-Hans": "重要客户", "zh-Hant": "重要客戶", "en": "an important customer"},
    "other": {"zh-Hans": "需要人工处理", "zh-Hant": "需要真人處理", "en": "a person is needed"},
}


def trigger_words(trigger: str, language: str = "zh-Hans") -> str:
    """Why a person is needed, said to a person."""
    found = TRIGGERS.get(trigger, TRIGGERS["other"])
    return found.get(language, found["zh-Hans"])


class Floor:
    """The people, as the ground sees them: `bot.ports.Desk`."""

    def draft(
        self, request: HandoffRequest, question: Question, transcript: Sequence[Mapping[str, Any]]
    ) -> HandoffDraft:
        """The record of this handoff. Pure: `question.now` is the moment the wait for a person begins."""
        return HandoffDraft(
            trigger=request.trigger,
            reason=request.reason,
            tier=request.tier,
            summary=summary(request, question, transcript),
            transcript=tuple(entry["seq"] for entry in transcript),
            queue=request.queue,
            opens=request.opens,
        )


def summary(
    request: HandoffRequest, question: Question, transcript: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:  # fmt: skip
    """The facts in one look (JSON). Empty facts are left out."""
    said = list(_customer_lines(question, transcript))
    facts = {
        "why": trigger_words(request.trigger),
        "wish": request.wish,
        "form": [[label, value] for label, value in request.form.items()],
        "first": _cut(said[0]) if said else "",
        "last": _cut("\n".join(_last_burst(question, transcript))),
        "language": question.language,
        "channel": question.channel,
        "name": question.contact_name,
        "public": question.public,
        "followers": question.followers,
        "alike": question.alike if question.alike > 1 else 0,
        "tried": [_tried(source, transcript) for source in request.tried],
        "messages": len(said),
        "waiting_since": question.now.isoformat(),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _asks_now(question: Question, transcript: Sequence[Mapping[str, Any]]) -> bool:
    """The question is a message of the customer's that the transcript does not end with yet."""
    if question.timer is not None or not question.text:
        return False
    last = next((entry for entry in reversed(transcript) if entry["author"] == "customer"), None)
    return last is None or last["text"] != question.text


def _customer_lines(question: Question, transcript: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for entry in transcript:
        if entry["author"] == "customer" and entry["text"]:
            yield entry["text"]
    if _asks_now(question, transcript):
        yield question.text


def _last_burst(question: Question, transcript: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the customer wrote last, up to three messages that nobody answered in between."""
    burst = [question.text] if _asks_now(question, transcript) else []
    for entry in reversed(transcript):
        if entry["author"] != "customer":
            if burst:
                break
            continue  # the bot's words of this very turn
        if entry["text"]:
            burst.append(entry["text"])
    return burst[:BURST][::-1]


def _tried(source: str, transcript: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """An answer the bot gave: which one, and its words where the transcript shows them."""
    found = False
    for entry in transcript:
        if found and entry["author"] == "bot":
            return {"id": source, "text": _cut(entry["text"])}
        if entry.get("decision") is not None:
            found = _answered(entry["decision"]) == source
    return {"id": source}


def _answered(decision: Mapping[str, Any]) -> object:
    """The FAQ entry that a decision answered with; what it only weighed does not count."""
    faq = decision.get("faq")
    return faq.get("id") if isinstance(faq, Mapping) else None


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
