"""What a visitor's client is told. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from bot.lent import Event, Page
from bot.messages import Outgoing
from bot.ports import Call


def event(entry: Event) -> dict[str, Any]:
    """One entry of the log on the wire."""
    return {"seq": entry.seq, "t": entry.t, "d": entry.d}


def page(found: Page) -> dict[str, Any]:
    """A piece of the log on the wire; the marks stand there only when they are true."""
    body: dict[str, Any] = {"events": [event(e) for e in found.events]}
    if found.reset:
        body["reset"] = True
    if found.earlier:
        body["earlier"] = True
    return body | {"seq": found.seq}


def calls(outgoing: Outgoing) -> list[Call]:
    """The visitor's client reads our log, so saying it is one call that nothing has to carry out."""
    params: dict[str, Any] = {
        "recipient": outgoing.recipient,
        "author": outgoing.author.value,
        "name": outgoing.author_name,
        "text": outgoing.text,
        "quick_replies": [{"label": q.label, "value": q.value} for q in outgoing.quick_replies],
    }
    return [Call("message", params, key=outgoing.key)]


def encode(data: Mapping[str, Any]) -> bytes:
    """JSON. Whatever got into a log must not make the rest of it unreadable, a lone surrogate least of all."""
    try:
        return orjson.dumps(data)
    except TypeError:
        return json.dumps(data).encode()
