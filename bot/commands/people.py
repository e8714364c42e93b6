"""`kefu agent add|reset|list`."""

from __future__ import annotations

from pathlib import Path

from bot.commands import ground
from bot.errors import KefuError
from bot.store import Store, agents
from handoff.desk import accounts
from handoff.desk.accounts import Passwords

ROLES = ("agent", "supervisor", "admin")


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


def listing(config: Path | None) -> None:
    """One line an account."""
    for account in ground.with_store(config, lambda store: store.read(agents.accounts)):
        state = "" if account.active else "  停用 deactivated"
        print(f"{account.number:<6} {account.login:<20} {account.role:<10} {account.name}{state}")


def _told(login: str, password: str) -> None:
    print(f"{agents.login_key(login)}  {password}")
    print("一次性密码，首次登录时须更改。One-time password: it must be changed at the first login.")
