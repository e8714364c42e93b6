"""What an agent sees and sets of himself."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from bot.store import agents
from bot.store.agents import Account
from handoff.desk.api import Api, for_agents, json_body
from handoff.desk.ground import DeskGround
from handoff.desk.guard import RefusedError

ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}")
WISHES = ("never", "away", "always")


def me(agent: Account, ground: DeskGround) -> dict[str, Any]:
    """`mail`: where and when he is told by mail that a customer waits; None where no mailbox can tell him. `telegram`:
    there is a desk in Telegram, too."""
    mail = {"email": agent.email, "notify": agent.notify} if ground.mails else None
    about = {"id": agent.id, "login": agent.login, "name": agent.name, "number": agent.number, "role": agent.role}
    return {**about, "mail": mail, "telegram": ground.telegram}


@for_agents
async def seen(api: Api, request: Request, agent: Account) -> Any:
    return {"me": me(agent, api.ground), "now": api.ground.store.now()}


@for_agents
async def mail(api: Api, request: Request, agent: Account) -> Any:
    """Where and when he wants to be told."""
    told = await json_body(request)
    email, notify = told.get("email"), told.get("notify")
    if not isinstance(email, str) or notify not in WISHES:
        raise RefusedError("bad_mail", "`email` is text, `notify` one of never, away, always.")
    email = email.strip()
    if email and not ADDRESS.fullmatch(email):
        raise RefusedError("bad_email", "That is no e-mail address.", 422)
    notify = notify if email else "never"
    await api.ground.store.write(agents.wish, agent.login, email=email, notify=notify)
    return {"mail": {"email": email, "notify": notify}}
