"""What `kefu check` says of a bot, as Telegram answers."""

from __future__ import annotations

from bot.ports import Finding
from tests.channels.telegram.conftest import Build, Rig
from tests.fakes.telegram import TOKEN, Telegram

PUBLIC = "https://kefu.example.com"
OTHER = "https://other.example/hook?key=abc"


async def found(rig: Rig) -> dict[str, Finding]:
    """By what was looked at, without the bot's name."""
    return {one.what.partition(":")[0]: one for one in await rig.channel.check()}


async def test_all_is_well(fake: Telegram, build: Build) -> None:
    told = await found(build())
    assert [one.ok for one in told.values()] == [True] * len(told)
    assert f"Telegram's bot {TOKEN.partition(':')[0]}" in told
    assert told["updates by polling"].mend == ""
    assert "/setjoingroups" in told["only private chats"].mend


async def test_a_wrong_token(fake: Telegram, build: Build) -> None:
    wrong = "987654321:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawc"
    (told,) = (await found(build(token=wrong))).values()
    assert not told.ok
    assert "@BotFather" in told.mend
    assert wrong.partition(":")[2] not in told.mend


async def test_nobody_answers(build: Build) -> None:
    (told,) = (await found(build(api_base="http://127.0.0.1:9"))).values()
    assert not told.ok
    assert "proxy or api_base" in told.mend


async def test_another_programs_webhook_is_not_touched_unasked(fake: Telegram, build: Build) -> None:
    fake.bots[TOKEN].webhook = {"url": OTHER, "secret": "x"}
    told = (await found(build()))["updates by polling"]
    assert not told.ok
    assert "https://other.example/hook" in told.mend
    assert "take_over = true" in told.mend
    assert "abc" not in told.mend, "what may be a key stays out of it"
    told = (await found(build(take_over=True)))["updates by polling"]
    assert (told.ok, "delete the webhook" in told.mend) == (True, True)
    assert fake.bots[TOKEN].webhook["url"] == OTHER, "looking changes nothing"


async def test_a_webhook_that_is_still_to_be_set(fake: Telegram, build: Build) -> None:
    told = (await found(build(mode="webhook", public_url=PUBLIC)))["updates by webhook"]
    assert told.ok
    assert f"set the webhook {PUBLIC}/webhooks/tg" in told.mend


async def test_a_webhook_that_telegram_cannot_reach(fake: Telegram, build: Build) -> None:
    bot = fake.bots[TOKEN]
    bot.webhook = {"url": f"{PUBLIC}/webhooks/tg", "secret": "x", "error": "Connection timed out"}
    rig = build(mode="webhook", public_url=PUBLIC)
    assert (await found(rig))["updates by webhook"].ok, "nothing waits: that was long ago"
    fake.write(fake.add_user("王"), "在吗")
    told = (await found(rig))["updates by webhook"]
    assert not told.ok
    assert "Connection timed out" in told.mend
    assert "public_url" in told.mend


async def test_many_wait(fake: Telegram, build: Build) -> None:
    user = fake.add_user("王")
    for n in range(101):
        fake.write(user, f"{n}")
    told = (await found(build()))["what waits at Telegram"]
    assert told.ok
    assert "101 updates" in told.mend
    assert len(fake.bots[TOKEN].updates) == 101, "looking takes none"
