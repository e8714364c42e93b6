"""A day at a Weibo account's private messages: real pushes come in, and what is said stands at a strict Weibo."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests import samples
from tests.databases import Postgres
from tests.fakes import weibo_pushes
from tests.fakes.weibo import REPLY
from tests.stories.conftest import LogsIn
from tests.stories.networks import delivered, has, message, messages, say, until
from tests.stories.people import COUNT, plea
from tests.stories.serving import LI, WANG, hire, run
from tests.stories.weibo import WEIBO, Account, Fan, account
from tests.stories.words import faq, said

QUESTION = "什么时候发货"
Fans = Callable[[Account], Fan]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One kefu for every story here, on each kind of database."""
    url = ""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.fresh()
    with account(tmp_path_factory.mktemp("weibo"), options={"public": False}, store_url=url) as made:
        hire(made.kefu.store_url, LI, WANG)
        made.kefu.start()
        yield made
        code = made.kefu.stop()
    if url:
        server.drop(url)
    lines = "".join(made.kefu.lines)
    assert code == 0, lines
    assert "Traceback" not in lines, lines
    assert made.weibo.token not in lines


@pytest.fixture
async def fans() -> AsyncIterator[Fans]:
    known: list[Fan] = []

    def come(there: Account) -> Fan:
        known.append(Fan(there))
        return known[-1]

    yield come
    for fan in known:
        await fan.goes()


async def test_a_whole_service_in_private(there: Account, fans: Fans, logs_in: LogsIn) -> None:
    """WB-01, WB-04, WB-05, WB-10: the answer in the call, a person's by the interface, and the end when he leaves."""
    zhang, li = fans(there), await logs_in(there.kefu, LI)
    await zhang.pusher.verify()
    there.weibo.act(zhang.uid)
    welcome = (await zhang.tells(weibo_pushes.event(zhang.uid, "follow"))).reply
    assert welcome is not None
    assert said("welcome", "zh-Hans", welcome.text)
    assert faq("ship_time", "zh-Hans") in await zhang.says(QUESTION)
    assert zhang.texts() == [], "all of it rode on the calls"

    asked = plea()
    assert said("handoff", "zh-Hans", await zhang.says(asked))
    place = await has(li, WEIBO, asked)
    await li.does("claim", place)
    answer = f"您好，“小李”为您服务 & 100% +1 {next(COUNT)}"
    say([await li.replies(place, answer)])
    await message(li, place, answer, delivered("sent"))
    assert answer in zhang.texts()

    # His picture is fetched by its number for us; ours cannot go there, and the desk says so.
    there.weibo.user_file("821804469", samples.png(40, 20))
    there.weibo.act(zhang.uid)
    await zhang.tells(weibo_pushes.image(zhang.uid, "821804469"))

    async def kept() -> str:
        found = [m for m in await messages(li, place) if m["kind"] == "image" and m["attachments"]]
        return (
            str(found[0]["attachments"][0].get("key") or found[0]["attachments"][0].get("url") or "") if found else ""
        )

    assert await until(kept, "the picture")
    refused = await li.http.post(f"/api/desk/conversations/{place}/files?name=a.png", content=samples.png(4, 4))
    assert refused.status_code == 422

    # He leaves: what is said now waits, and is never sent.
    there.weibo.leave(zhang.uid)
    await zhang.tells(weibo_pushes.event(zhang.uid, "unfollow"))
    calls = there.weibo.counts[REPLY]
    late = f"还有一件事 {next(COUNT)}"
    say([await li.replies(place, late)])
    await message(li, place, late, delivered("queued", "parked.window"))
    assert there.weibo.counts[REPLY] == calls, "nobody asked Weibo in vain"
    # He comes back, and reads it.
    assert await zhang.says(f"我又来了 {next(COUNT)}") == late
    await message(li, place, late, delivered("sent"))


async def test_the_menu_and_the_numbered_list_are_buttons(there: Account, fans: Fans, logs_in: LogsIn) -> None:
    """A key that is a button's value is that button; what has no buttons there is a list, and its number is one."""
    zhang, li = fans(there), await logs_in(there.kefu, LI)
    there.weibo.act(zhang.uid)
    welcome = (await zhang.tells(weibo_pushes.event(zhang.uid, "scan_follow", "扫描二维码", key="shop"))).reply
    assert welcome is not None
    assert "1. 查物流" in welcome.text
    assert faq("order_status", "zh-Hans") in await zhang.says("1")
    there.weibo.act(zhang.uid)
    reply = (await zhang.tells(weibo_pushes.event(zhang.uid, "click", "自定义菜单事件", key="human"))).reply
    assert reply is not None
    assert said("handoff", "zh-Hans", reply.text)
    await has(li, WEIBO, "点击了菜单「human」")


async def test_a_push_that_comes_three_times_is_one_and_two_of_one_second_are_two(
    there: Account, fans: Fans, logs_in: LogsIn
) -> None:
    """WB-03."""
    zhang, li = fans(there), await logs_in(there.kefu, LI)
    there.weibo.act(zhang.uid)
    asked = plea()
    fields = zhang.pusher.sender.complete(weibo_pushes.text(zhang.uid, asked))

    async def once() -> str:
        attempt = await zhang.pusher.send(zhang.pusher.sender.push(fields))
        reply = zhang.pusher.sender.read(fields, attempt.status, attempt.body)
        return "" if reply is None else reply.text

    told = list(await asyncio.gather(once(), once(), once()))
    assert said("handoff", "zh-Hans", told[0])
    assert told == [told[0]] * 3
    place = await has(li, WEIBO, asked)
    other = fields | {"text": f"订单 {next(COUNT)}"}
    await zhang.tells(other)
    heard = [m["text"] for m in await messages(li, place) if m["author"] == "customer"]
    assert heard == [asked, other["text"]]


async def test_a_mention_opens_one_private_message(there: Account, fans: Fans, logs_in: LogsIn) -> None:
    """WB-06: he is heard in public, and may be written to once."""
    zhang, li = fans(there), await logs_in(there.kefu, LI)
    words, number = f"@某店 杯子碎了 {next(COUNT)}", str(4523641234560000000 + next(COUNT))
    there.weibo.mention(zhang.uid)
    delivery = await zhang.tells(weibo_pushes.mention(zhang.uid, "status", number, words))
    assert delivery.reply is None, "what a call carries back would be private"
    public = await has(li, WEIBO, words)
    assert (await li.row(public))["public"] is True
    private = await has(li, WEIBO, "在微博上公开提到了我们，可以给他发一条私信")
    assert private != public
    first, second = f"看到您的微博了 {next(COUNT)}", f"还在吗 {next(COUNT)}"
    for answer, how in ((first, ("sent", "")), (second, ("queued", "parked.quota"))):
        say([await li.replies(public, answer, private=True)])
        mine = await has(li, WEIBO, answer)
        await message(li, mine, answer, delivered(*how))
    assert zhang.texts() == [first]


async def test_a_cut_line_is_said_and_nothing_is_sent_twice(there: Account, fans: Fans, logs_in: LogsIn) -> None:
    zhang, li = fans(there), await logs_in(there.kefu, LI)
    asked = plea()
    await zhang.says(asked)
    place = await has(li, WEIBO, asked)
    await li.does("claim", place)
    there.weibo.trouble(REPLY, cut=True)
    answer = f"您好 {next(COUNT)}"
    say([await li.replies(place, answer)])
    await message(li, place, answer, delivered("unknown"))
    assert zhang.texts().count(answer) == 1


async def test_an_agent_reads_that_the_token_is_dead(there: Account, fans: Fans, logs_in: LogsIn) -> None:
    zhang, li = fans(there), await logs_in(there.kefu, LI)
    asked = plea()
    await zhang.says(asked)
    place = await has(li, WEIBO, asked)
    there.weibo.numeric = False
    there.weibo.trouble(REPLY, errcode=21327)
    answer = f"您好，令牌 {next(COUNT)}"
    try:
        say([await li.replies(place, answer)])

        async def told() -> str | None:
            found = [t["said"]["zh-Hans"] for t in (await li.get("/troubles"))["troubles"] if t["inbox"] == WEIBO]
            return next((t for t in found if "access_token" in t), None)

        assert "粉丝服务平台" in await until(told, "a trouble with the token")
        await message(li, place, answer, delivered("queued", "21327"))
        assert await zhang.says(f"在吗 {next(COUNT)}") == answer, "what rides on a call needs no token"
    finally:
        there.weibo.numeric = True


async def test_what_is_forged_or_too_long_is_refused(there: Account, fans: Fans) -> None:
    zhang = fans(there)
    push = zhang.pusher.sender.push(weibo_pushes.text(zhang.uid, "假"))
    url = f"{there.kefu.url}/webhooks/{WEIBO}"
    doubled = [*push.params.items(), ("nonce", "1")]
    for params in (push.params | {"nonce": "1"}, {}, doubled):
        answer = await zhang.http.post(url, params=params, content=push.body)  # type: ignore[arg-type]
        assert (answer.status_code, answer.text) == (403, "refused")
    long = await zhang.http.post(url, params=push.params, content=b'{"text": "' + b"x" * 300_000 + b'"}')
    assert long.status_code == 413
    odd = await zhang.http.post(url, params=push.params, content=b"\xff")
    assert odd.status_code == 400


def test_check_and_replay(tmp_path: Path) -> None:
    """Without a server: what the operator asks on the day he sets it up."""
    with account(tmp_path, options={"public": False}) as made:
        made.weibo.token_ends(5)
        told = run(tmp_path, "check")
        assert "The access token ends in" in told.stdout + told.stderr
        assert made.weibo.token not in told.stdout + told.stderr
        recorded = tmp_path / "push.json"
        recorded.write_text(json.dumps(WITHOUT_KEYS), "utf-8")
        replayed = run(tmp_path, "replay", "--channel", "weibo", "--dry-run", str(recorded))
        assert json.loads(replayed.stdout)["messages"][0]["text"] == "私信"


WITHOUT_KEYS = {"type": "text", "receiver_id": 1902538057, "sender_id": "2489518277", "text": "私信", "data": ""}
