"""A customer in Telegram, from /start to his mark: the strict Bot API on one side, the web desk on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import samples
from tests.fakes.telegram import TOKEN, Telegram
from tests.stories.conftest import LogsIn
from tests.stories.networks import attach, delivered, has, inbox, message, messages, row, say, shown, until
from tests.stories.people import plea
from tests.stories.serving import LI, Kefu, hire
from tests.stories.words import faq, said

INBOX = "tg"
Json = dict[str, Any]


class Wang:
    """A customer with a telephone."""

    def __init__(self, network: Telegram, **about: Any) -> None:
        self.network, self.id = network, network.add_user("王<b>", **about)

    def says(self, text: str = "", **content: Any) -> int:
        return int(self.network.write(self.id, text, **content))

    def got(self) -> list[Json]:
        """What the bot said to him, as it stands now."""
        return [m for m in self.network.private(self.id) if m["from"]["is_bot"]]

    def texts(self) -> list[str]:
        return [str(m.get("text", m.get("caption", ""))) for m in self.got()]

    async def reads(self, look: Callable[[str], Any], what: str) -> Json:
        """The last message of the bot's that is as wanted."""

        def found() -> Json | None:
            fitting = [m for m in self.got() if look(str(m.get("text", m.get("caption", ""))))]
            return fitting[-1] if fitting else None

        try:
            return await shown(found, what)
        except AssertionError:
            raise AssertionError(f"{what} is not among {self.texts()}") from None

    def taps(self, under: Json, label: str) -> str:
        data = next(b["callback_data"] for b in buttons(under) if label in b["text"])
        return str(self.network.tap(self.id, under["message_id"], data, group=None, to=TOKEN))


def buttons(under: Json) -> list[Json]:
    return [b for line in under.get("reply_markup", {}).get("inline_keyboard", []) for b in line]


@pytest.fixture
def network() -> Iterator[Telegram]:
    with Telegram() as running:
        yield running


@pytest.fixture
def kefu(network: Telegram, tmp_path: Path) -> Iterator[Kefu]:
    blocks = [inbox("web", "web"), inbox(INBOX, "telegram", token=TOKEN, api_base=network.url)]
    (tmp_path / "kefu.toml").write_text("\n".join(blocks), "utf-8")
    made = Kefu(tmp_path)
    hire(made.store_url, LI)
    yield made
    made.kill()


async def test_from_the_first_tap_to_the_mark(network: Telegram, kefu: Kefu, logs_in: LogsIn) -> None:
    kefu.start()
    wang, li = Wang(network), await logs_in(kefu, LI)
    wang.says("/start qr-7")
    welcome = await wang.reads(lambda t: said("welcome", "zh-Hans", t), "a welcome")
    assert buttons(welcome)
    wang.says("什么时候发货")
    await wang.reads(lambda t: faq("ship_time", "zh-Hans") in t, "the answer of the FAQ")

    topic = next(b for b in buttons(welcome) if b["callback_data"].startswith("faq:"))
    query = wang.taps(welcome, topic["text"])
    answer = faq(topic["callback_data"].removeprefix("faq:"), "zh-Hans")
    await wang.reads(lambda t: answer in t, "the answer to the tap")
    await shown(lambda: query in network.alerts, "the clock on the button stops")
    seen = lambda: buttons(wang.got()[0])[0]["text"] == f"✓ {topic['text']}"  # noqa: E731
    await shown(seen, "the button shows that it was chosen")

    asked = plea()
    wang.says(asked)
    place = await has(li, INBOX, asked)
    about = await li.row(place)
    assert about["contact"]["name"] == "王<b>"
    picture = network.keep("x.jpg", samples.png(40, 30))
    wang.says("", photo=[{"file_id": picture, "file_unique_id": "u", "width": 40, "height": 30}])
    await li.does("claim", place)

    await message(li, place, "", lambda m: bool(m["kind"] == "image" and m["attachments"][0].get("key")))

    key = await attach(li, place, "换货单.png", samples.png(30, 30))
    say([await li.replies(place, "请看图 <1>", attachments=[key])])
    shown_ = await wang.reads(lambda t: t == "请看图 <1>", "the agent's picture")
    assert shown_["photo"]
    await message(li, place, "请看图 <1>", delivered("sent"))

    wang.says("改前")
    number = wang.network.bots[TOKEN].privates[wang.id].last
    network.edit(wang.id, number, "改后")
    await has(li, INBOX, "改后")

    await li.does("resolve", place)
    rate = await wang.reads(lambda t: said("rate", "zh-Hans", t), "the question to rate")
    assert [b["callback_data"] for b in buttons(rate)] == [f"rate:{n}" for n in (5, 4, 3, 2, 1)]
    wang.taps(rate, buttons(rate)[0]["text"])
    await wang.reads(lambda t: said("rated", "zh-Hans", t), "thanks for the mark")

    async def marks() -> Any:
        return (await li.get(f"/conversations/{place}"))["ratings"]

    (mark,) = await until(marks, "a rating")
    assert mark["score"] == 5
    assert network.refused == []
    text = "".join(kefu.lines)
    assert TOKEN not in text
    assert TOKEN.partition(":")[2] not in text


async def test_who_blocks_us_is_shown_as_gone_and_is_there_again(
    network: Telegram, kefu: Kefu, logs_in: LogsIn
) -> None:
    kefu.start()
    wang, li = Wang(network), await logs_in(kefu, LI)
    asked = plea()
    wang.says(asked)
    place = await has(li, INBOX, asked)
    await li.does("claim", place)
    network.block(wang.id)
    await row(li, place, lambda r: bool(r["window"]) and r["window"]["by"] == "unfollow")
    say([await li.replies(place, "您还在吗？")])
    failed = await message(li, place, "您还在吗？", delivered("failed"))
    assert "停用" in failed["error"]
    wang.says("我回来了")
    await row(li, place, lambda r: bool(r["window"]) and r["window"]["by"] == "open")
    again = await li.post(f"/messages/{failed['id']}/retry")
    assert again.status_code == 200, again.text
    await wang.reads(lambda t: t == "您还在吗？", "what was sent again")


async def test_a_killed_kefu_loses_and_doubles_nothing(network: Telegram, kefu: Kefu, logs_in: LogsIn) -> None:
    """TG-04, with the real program: updates come while it is dead, and old ones come once more."""
    kefu.start()
    wang, li = Wang(network), await logs_in(kefu, LI)
    first, second = plea(), plea()
    wang.says(first)
    place = await has(li, INBOX, first)
    kefu.kill()
    wang.says(second)
    network.again(TOKEN)
    kefu.start()
    await has(li, INBOX, second)
    texts = [m["text"] for m in await messages(li, place) if m["author"] == "customer"]
    assert (texts.count(first), texts.count(second)) == (1, 1)
