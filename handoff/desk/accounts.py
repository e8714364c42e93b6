"""Agents' passwords: hashing, rules, one-time passwords, and the accounts the command line makes."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from bot.store import agents
from bot.store.runner import Store

MEMORY_KIB, ROUNDS, LANES = 19 * 1024, 2, 1
"""OWASP's floor for argon2id. pwdlib's default takes 64 MiB and half a second of a small machine."""
AT_ONCE = 2
"""Hashes under way at a time; a flood of logins waits instead of eating the memory."""
SHORTEST, LONGEST = 10, 200
CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
"""No l, 1, o, 0, i: a one-time password is read off a screen and typed."""


class Passwords:
    """argon2id in threads of its own, so that the event loop and the machine stay free."""

    def __init__(self, *, memory: int = MEMORY_KIB, rounds: int = ROUNDS, at_once: int = AT_ONCE) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=rounds, memory_cost=memory, parallelism=LANES),))
        self._threads = ThreadPoolExecutor(at_once, "kefu-password")
        salt, digest = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
        self._nobody = f"$argon2id$v=19$m={memory},t={rounds},p={LANES}${salt}${digest}"

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password. Without a hash (no such agent) it takes as long, and is not."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, password, hashed)

    def _verify(self, password: str, hashed: str | None) -> bool:
        try:
            right = self._hasher.verify(password, hashed or self._nobody)
        except PwdlibError:  # a hash nobody can read opens nothing
            return False
        return right and bool(hashed)


def one_time_password() -> str:
    """Random, about 74 bits, in groups that can be read out."""
    return "-".join("".join(secrets.choice(CLEAR) for _ in range(5)) for _ in range(3))


def fault(password: str, *, login: str) -> str | None:
    """What is wrong with a new password, as a word of the catalogue; None if nothing is."""
    if len(password) < SHORTEST:
        return "password.short"
    if len(password) > LONGEST:
        return "password.long"
    if agents.login_key(password) == agents.login_key(login) or len(set(password)) < 4:
        return "password.weak"
    return None


async def add(
    store: Store, passwords: Passwords, login: str, *, name: str = "", role: str = "agent", number: str = ""
) -> str:
    """A new agent; his one-time password. ConflictError if the login is taken."""
    password = one_time_password()
    hashed = await passwords.hash(password)
    await store.write(agents.add, login, name=name, password_hash=hashed, role=role, number=number)
    return password


async def reset(store: Store, passwords: Passwords, login: str) -> str:
    """Another one-time password for an agent who is there; all his logins end."""
    password = one_time_password()
    await store.write(agents.reset, login, await passwords.hash(password))
    return password


async def first_admin(store: Store, login: str = "admin") -> str | None:
    """The one-time password of the admin made because there was no agent at all; None if there was one."""
    if await store.read(agents.has_agents):
        return None
    password = one_time_password()
    hashed = await Passwords().hash(password)
    made = await store.write(agents.ensure_first, login, name=login, password_hash=hashed)
    return password if made else None
