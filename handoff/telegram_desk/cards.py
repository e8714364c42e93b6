"""What a topic is called, and the card at its head. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from handoff.record import trigger_words
from handoff.telegram_desk.budget import Rank
from handoff.telegram_desk.measure import MOST_NAME, MOST_TEXT, cut, one_line, units
from handoff.telegram_desk.words import Words

SIGNS = {"critical": "🔴", "serious": "🟠", "moderate": "🟡", "minor": "🟢"}
COLORS = {"critical": 16478047, "serious": 16749490, "moderate": 16766590, "minor": 9367192}
OTHER_SIGN, OTHER_COLOR = "⚪", 7322096
TIERS = tuple(SIGNS)
"""Gravest first."""
QUOTE, LINE = 400, 200
"""Units of what a customer is quoted with, and of the smaller facts."""

NUMBER = re.compile(r" #([0-9]{1,18})\Z")

Buttons = list[list[dict[str, str]]]
Head = Mapping[str, Any]


def order(tier: str) -> int:
    """0 is gravest."""
    return TIERS.index(tier) if tier in TIERS else len(TIERS)


def rank(tier: str) -> Rank:
    """How its first words share in the minute's messages."""
    return (Rank.CRITICAL, Rank.URGENT, Rank.CARD)[min(order(tier), 2)]


def color(tier: str) -> int:
    return COLORS.get(tier, OTHER_COLOR)


def customer(head: Head, words: Words) -> str:
    """What a customer is called in one line; without a name, by the end of his number."""
    contact = head["contact"]
    return one_line(contact["name"]) or words("customer.unnamed", tail=contact["tail"])


def name(head: Head, words: Words) -> str:
    """The topic's name: tier, customer, channel and the conversation's number, which tells two topics apart."""
    sign = SIGNS.get(head["tier"], OTHER_SIGN)
    mark = words("public.mark") if head["public"] else ""
    channel = words.known(f"channel.{head['channel']}", head["channel"])
    end = f" · {mark}{channel} #{head['id']}"
    return f"{sign} {cut(customer(head, words), MOST_NAME - len(end) - 4)}{end}"


def conversation(called: str) -> int:
    """The conversation a topic of this name was made for; 0 if it is none of ours."""
    found = NUMBER.search(called)
    return int(found[1]) if found else 0


def card(
    head: Head, handoff: Mapping[str, Any], words: Words, url: str, public: Mapping[str, Any] | None = None
) -> str:  # fmt: skip
    """The handoff in one look. `public`: who said it before everybody, and where."""
    summary = handoff.get("summary") or {}
    lines = [_title(head, words), words("card.customer", name=cut(customer(head, words), LINE)), *_why(handoff, words)]
    for fact in ("wish", "first", "last"):
        if summary.get(fact) and not (fact == "last" and summary["last"] == summary.get("first")):
            lines.append(words(f"card.{fact}", text=cut(str(summary[fact]).strip(), QUOTE)))
    lines += [f"{label}: {cut(str(value), LINE)}" for label, value in _form(summary)]
    for tried in summary.get("tried", ())[:3]:
        lines.append(words("card.tried", text=cut(str(tried.get("text") or tried.get("id", "")), LINE)))
    lines.append(words("card.state", state=state(head, words)))
    if head["public"]:
        lines += [*_public(public or {}, words), words("card.public")]
    lines += ["", words("card.link", url=url), words("card.how")]
    return cut("\n".join(lines), MOST_TEXT)


def _title(head: Head, words: Words) -> str:
    tier = words.known(f"tier.{head['tier']}", words("tier.none"))
    channel = words.known(f"channel.{head['channel']}", head["channel"])
    sign = SIGNS.get(head["tier"], OTHER_SIGN)
    return f"{sign} {tier} · {channel} ({head['inbox']}) · #{head['id']}"


def _public(public: Mapping[str, Any], words: Words) -> list[str]:
    """How many read him, whether his network vouches for him, and the post."""
    author, link = public.get("author") or {}, str(public.get("link") or "")
    lines = []
    if followers := int(author.get("followers") or 0):
        verified = words("card.verified") if author.get("verified") else ""
        lines.append(words("card.followers", n=f"{followers:,}") + verified)
    if public.get("deleted"):
        lines.append(words("card.deleted"))
    elif link.startswith(("https://", "http://")):
        lines.append(words("card.post", url=cut(one_line(link), LINE)))
    return lines


def _why(handoff: Mapping[str, Any], words: Words) -> list[str]:
    if not handoff:
        return []
    why = trigger_words(handoff.get("trigger", ""), words.language)
    reason = str(handoff.get("reason") or "")
    told = f"{why} ({cut(reason, LINE)})" if reason and reason != why else why
    return [words("card.why", why=told)]


def _form(summary: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    return [(str(pair[0]), str(pair[1])) for pair in summary.get("form", ())[:8] if len(pair) == 2]


def state(head: Head, words: Words) -> str:
    """Whose the conversation is."""
    if head["status"] == "open" and head["assignee"] is not None:
        return words("state.taken", name=agent(head["assignee"]))
    return words.known(f"state.{head['status']}", head["status"])


def agent(who: Mapping[str, Any]) -> str:
    """An agent, with the number that customers know."""
    number = who.get("number") or ""
    return f"{one_line(who.get('name') or '')} ({number})" if number else one_line(who.get("name") or "")


def buttons(conversation: int, words: Words) -> Buttons:
    """What can be done with a conversation, as one taps it."""
    rows = (("claim", "decline"), ("resolve", "back"), ("note",))
    return [[{"text": words(f"button.{act}"), "callback_data": f"{act}:{conversation}"} for act in row] for row in rows]


def retry_button(message: int, words: Words) -> Buttons:
    return [[{"text": words("button.retry"), "callback_data": f"retry:{message}"}]]


def place(chat: int, thread: int) -> str:
    """A link to a topic, for whoever is in the group."""
    inner = str(chat).removeprefix("-100") if str(chat).startswith("-100") else str(abs(chat))
    return f"https://t.me/c/{inner}/{thread}"


def alert(
    head: Head, handoff: Mapping[str, Any], who: Sequence[tuple[str, int]], link: str, words: Words
) -> tuple[str, list[dict[str, Any]]]:
    """What is said to everybody of a critical matter, and the mentions in it. `who`: names and user ids."""
    text, entities = "", []
    for called, user in who:
        entities.append({"offset": units(text), "length": units(called), "user": user})
        text += f"{called} "
    summary = handoff.get("summary") or {}
    said = cut(one_line(str(summary.get("last") or summary.get("first") or "")), LINE)
    return text + words("alert", name=cut(name(head, words), LINE), said=said, link=link), entities
