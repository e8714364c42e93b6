"""`kefu agent add|reset|mail|telegram|list`."""

from __future__ import annotations

import re
from pathlib import Path

from bot.commands import ground
from bot.errors import KefuError
from bot.store import Store, agents, linking
from handoff.desk import accounts
from handoff.desk.accounts import Passwords
from handoff.desk.linking import bot_name, deep_link

ROLES = ("agent", "supervisor", "admin")
NOTIFY = ("never", "away", "always")
ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}")


def add(config: Path | None, login: str, *, name: str, number: str, role: str) -> None:
    """Make an account; its password works once, for choosing another."""
    if role not in ROLES:
        raise KefuError(f"--role {role}: choose {', '.join(ROLES)}.")
    if not login.strip():
        raise KefuError("an empty login: give a name to log in with.")

    async def work(store: Store) -> str:
        return await accounts.add(store, Passwords(), login, name=name, role=role, number=number)

    _told(login, ground.with_store(config, work, fresh=True))


def reset(config: Path | None, login: str) -> None:
    """A new one-time password for somebody who forgot his."""

    async def work(store: Store) -> str:
        return await accounts.reset(store, Passwords(), login)

    _told(login, ground.with_store(config, work))


def mail(config: Path | None, login: str, address: str, *, notify: str) -> None:
    """Where an agent is told by mail that a customer waits, and when."""
    if notify not in NOTIFY:
        raise KefuError(f"--notify {notify}: choose {', '.join(NOTIFY)}.")
    if address and not ADDRESS.fullmatch(address):
        raise KefuError(f"{address!r} is no e-mail address: give one like li@example.com.")
    if not address and notify != "never":
        raise KefuError("without an address nobody can be told: kefu agent mail LOGIN ADDRESS.")

    async def work(store: Store) -> None:
        await store.write(agents.wish, login, email=address, notify=notify)

    ground.with_store(config, work)
    print(f"{agents.login_key(login)}  {address or '-'}  {notify}")


def telegram(config: Path | None, login: str, *, end: bool) -> None:
    """A one-time code by which an agent says in Telegram who he is; `end`: he is nobody there from now on."""
    if not ground.load(config).telegram_desk.token:
        raise KefuError("there is no [telegram_desk] in the settings: give it a token and a group first.")

    async def work(store: Store) -> tuple[str, str]:
        if end:
            found = await store.read(agents.find, login)
            if found is None or not await store.write(linking.unlink, found.id):
                raise KefuError(f"{agents.login_key(login)} is not linked to anybody in Telegram.")
            return "", ""
        return await store.write(linking.offer_to, agents.login_key(login)), await store.read(bot_name)

    code, bot = ground.with_store(config, work)
    if end:
        print(f"{agents.login_key(login)}  -")
        return
    print(f"{agents.login_key(login)}  {code}  {deep_link(bot, code)}".rstrip())
    print("10 分钟内私聊发给客服台的机器人，只能用一次。Send it to the desk's bot in private within ten minutes.")


def listing(config: Path | None) -> None:
    """One line an account."""
    for account in ground.with_store(config, lambda store: store.read(agents.accounts)):
        state = "" if account.active else "  停用 deactivated"
        print(f"{account.number:<6} {account.login:<20} {account.role:<10} {account.name}{_told_at(account)}{state}")


def _told_at(account: agents.Account) -> str:
    return f"  {account.email} ({account.notify})" if account.email else ""


def _told(login: str, password: str) -> None:
    print(f"{agents.login_key(login)}  {password}")
    print("一次性密码，首次登录时须更改。One-time password: it must be changed at the first login.")
