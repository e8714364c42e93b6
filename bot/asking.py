"""A turn's question, and what may be done of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.dialogue import Decision, Question
from bot.messages import Kind, Status
from bot.ports import Channel
from bot.store.judging import COMPLAINT
from bot.store.rows import Arrival, Lease

TOLD_BEFORE = "told_before"
"""The reason (`Incoming.mute`) that holds against receipts alone: the customer was answered automatically lately."""

SILENT = "silent"
"""The reason where nothing can be said at all."""


def question_of(lease: Lease, arrival: Arrival, channel: Channel, now: datetime, alike: int = 0) -> Question:
    """What `replies` is asked about an arrival of a conversation; a replayed one with the words it had."""
    payload, can = arrival.payload, channel.capabilities.at(lease.public)
    replayed = payload.get("replay") or {}
    return Question(
        text=replayed.get("text", arrival.text),
        now=now,
        kind=Kind(arrival.kind),
        language=lease.language or None,
        status=Status(lease.status),
        state=lease.state,
        value=payload.get("value"),
        timer=payload.get("timer"),
        first=arrival.seq == lease.first_seq + 1,
        channel=channel.kind,
        # Who chats has a name of fancy; who writes a letter has signed it.
        contact_name=replayed.get("name", arrival.author_name) if can.letters else "",
        more=any(later.author == "customer" and later.kind != Kind.EVENT for later in lease.pending[1:]),
        pushes=can.pushes,
        attended=lease.assignee_id is not None,
        tier=lease.tier or None,
        complaints=lease.complaints,
        form=lease.form,
        conversation=lease.conversation_id,
        letter=can.letters,
        subject=str(payload.get("extra", {}).get("subject") or "") if can.letters else "",
        mute=str(payload.get("mute", "")) or ("" if can.speaks else SILENT),
        wakes=payload.get("wakes") is not False,
        public=lease.public,
        followers=_followers(payload) if lease.public else 0,
        category=_told(payload),
        alike=alike,
        data=payload.get("data") or {},
    )


def _followers(payload: Mapping[str, Any]) -> int:
    """How many read what the author writes, as far as his network told."""
    author = payload.get("extra", {}).get("public", {}).get("author", {})
    told = author.get("followers", 0)
    return told if isinstance(told, int) else 0


def _told(payload: Mapping[str, Any]) -> str:
    """What an agent who wrote a call down says it is about; a complaint whose tier he leaves open has to be judged."""
    call = payload.get("extra", {}).get("call") or {}
    return str(call.get("type") or "") if call.get("tier") or call.get("type") != COMPLAINT else ""


def muted(question: Question, decision: Decision) -> Decision:
    """What is left of a decision where nothing automatic may be said: the judgement, and people who are told.

    Nothing is remembered of it: what was not said must not be answered, nor counted, later. Who was told before may be
    told what answers him, and what to do in danger.
    """
    useful = any(reply.source or reply.vital for reply in decision.replies)
    if not question.mute or (question.mute == TOLD_BEFORE and useful):
        return decision
    return replace(
        decision,
        replies=(),
        timers=(),
        cancel_timers=(),
        state=question.state,
        language=question.language or decision.language,
        rating=None,
        gap=None,
        form=None,
        facts={**decision.facts, "mute": question.mute},
    )
