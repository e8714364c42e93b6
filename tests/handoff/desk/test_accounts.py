"""Passwords and accounts."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import ConflictError
from bot.store import Store, agents
from handoff.desk import accounts
from handoff.desk.accounts import Passwords
from tests.handoff.desk.house import QUICK


async def test_only_the_password_opens() -> None:
    hashed = await QUICK.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert "correct" not in hashed
    assert await QUICK.verify("correct horse", hashed)
    assert not await QUICK.verify("correct horsf", hashed)


@pytest.mark.parametrize("hashed", [None, "", "plain", "$argon2id$v=19$m=8,t=1,p=1$broken"])
async def test_no_hash_and_a_broken_one_open_nothing(hashed: str | None) -> None:
    assert not await QUICK.verify("", hashed)


async def test_an_unknown_agent_costs_the_work_a_known_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords()
    hashed = await passwords.hash("correct horse")
    real, asked = passwords._hasher.verify, []

    def verify(password: str, stored: str) -> bool:
        asked.append(stored)
        return bool(real(password, stored))

    monkeypatch.setattr(passwords._hasher, "verify", verify)
    for stored in (hashed, None):
        assert not await passwords.verify("wrong", stored)
    # Algorithm, memory, rounds and lanes; then salt and digest of the same lengths.
    known, unknown = (stored.split("$") for stored in asked)
    assert known[:4] == unknown[:4]
    assert [len(part) for part in known] == [len(part) for part in unknown]


async def test_hashing_leaves_the_loop_free() -> None:
    passwords = Passwords()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(others())
    await passwords.hash("correct horse")
    task.cancel()
    assert turns > 20


def test_one_time_passwords_are_long_and_never_the_same() -> None:
    made = {accounts.one_time_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(p) == 17 and not set("l1o0i") & set(p) for p in made)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short-one", "password.short"),
        ("x" * 201, "password.long"),
        (" XiaoLi-2026 ", "password.weak"),
        ("aaaaaaaaaaaa", "password.weak"),
        ("correct horse", None),
        ("一个足够长的中文密码短语", None),
    ],
)
def test_rules_of_a_new_password(password: str, fault: str | None) -> None:
    assert accounts.fault(password, login="xiaoli-2026") == fault


async def test_the_one_time_password_of_a_new_agent_is_the_one_kept(store: Store) -> None:
    password = await accounts.add(store, QUICK, "Li", name="小李", role="supervisor", number="88")
    found = await store.read(agents.find, "li")
    assert found is not None
    assert (found.name, found.role, found.number, found.must_change) == ("小李", "supervisor", "88", True)
    assert await QUICK.verify(password, found.password_hash)
    with pytest.raises(ConflictError):
        await accounts.add(store, QUICK, "li")


async def test_a_reset_makes_another(store: Store) -> None:
    first = await accounts.add(store, QUICK, "li")
    second = await accounts.reset(store, QUICK, "li")
    found = await store.read(agents.find, "li")
    assert found is not None
    assert not await QUICK.verify(first, found.password_hash)
    assert await QUICK.verify(second, found.password_hash)


async def test_the_first_start_makes_an_admin_and_the_second_does_not(store: Store) -> None:
    password = await accounts.first_admin(store)
    assert password is not None
    found = await store.read(agents.find, "admin")
    assert found is not None
    assert (found.role, found.must_change) == ("admin", True)
    assert await Passwords().verify(password, found.password_hash)
    assert await accounts.first_admin(store) is None
