"""E-mail through the real program and real mail servers: answered once, threaded right, never looped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.store import Store, agents
from channels.email.mail import Mail
from tests.databases import Postgres
from tests.stories.conftest import LogsIn
from tests.stories.networks import messages, until
from tests.stories.people import COUNT, Agent
from tests.stories.post import AGENT, BROKEN, SHOP, SISTER, Post, Writer, open_for, post, shop
from tests.stories.serving import LI, WANG, Kefu, hire, in_store

QUESTION = "你们什么时候发货？"


@pytest.fixture(scope="module")
def mail() -> Iterator[Post]:
    with post() as made:
        yield made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, mail: Post, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    """A kefu with one mailbox for every story that does not stop it, on each kind of database."""
    server: Postgres | None = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    url = server.fresh() if server else ""
    with shop(tmp_path_factory.mktemp("mail"), mail, store_url=url) as made:
        hire(made.store_url, LI, WANG)
        made.start()
        open_for(made, "mail")
        yield made
        code = made.stop()
    if server:
        server.drop(url)
    told = "".join(made.lines)
    assert code == 0, told
    assert "Traceback" not in told, told


def about() -> str:
    """A subject unlike any other."""
    return f"订单 {next(COUNT):06} 的问题"


async def finds(agent: Agent, subject: str) -> int:
    """The number of the conversation that a mail with this subject began, once it is there."""

    async def look() -> int | None:
        for tab in ("all", "resolved"):
            for row in (await agent.get(f"/conversations?tab={tab}"))["rows"]:
                if any(subject in _original(told) for told in await messages(agent, row["id"])):
                    return int(row["id"])
        return None

    return await until(look, f"a conversation about {subject}")


def _original(told: dict[str, Any]) -> str:
    """The name of the mail a message came in: its subject."""
    return next((str(f["name"]) for f in told["attachments"] if f["media_type"] == "message/rfc822"), "")


async def said(agent: Agent, conversation: int, author: str) -> list[dict[str, Any]]:
    return [m for m in await messages(agent, conversation) if m["author"] == author]


def automatic(mail: Mail) -> bool:
    return mail.headers.first("auto-submitted").startswith("auto-")


async def test_a_mail_is_acknowledged_once_and_answered_by_a_person_in_its_thread(
    house: Kefu, mail: Post, logs_in: LogsIn
) -> None:
    wang, li, subject = mail.writer(), await logs_in(house, LI), about()
    first = wang.writes(subject, "您好，我的包裹到了，可是少了一个杯子。\n\n王芳")
    (ack,) = await wang.gets()
    place = await finds(li, subject)
    assert automatic(ack)
    assert f"[KF-{place}]" in ack.subject
    assert subject in ack.subject
    assert str(place) in ack.body
    assert (ack.in_reply_to, first in ack.references) == (first, True)
    assert ack.sender.email == SHOP
    assert ack.headers.first("precedence") == "bulk"
    row = await li.row(place)
    assert (row["status"], row["contact"]["name"]) == ("open", "王女士")

    assert (await li.replies(place, "王女士您好，杯子今天补寄。")).status_code == 200
    _, answer = await wang.gets(2)
    assert "杯子今天补寄" in answer.new_text
    assert not automatic(answer)
    assert "小李" in answer.body
    assert "1001" in answer.body
    assert first in answer.references

    wang.writes(f"Re: {answer.subject}", "太好了，谢谢！", answers=answer)
    await until(lambda: _has(li, place, "太好了"), "her thanks in the same conversation")
    thanks = (await said(li, place, "customer"))[-1]
    assert "今天补寄" not in thanks["text"]
    await wang.gets_no_more(2)


async def _has(agent: Agent, place: int, text: str) -> bool:
    return any(text in m["text"] for m in await said(agent, place, "customer"))


async def test_a_question_of_the_faq_is_answered_in_the_acknowledgement(
    house: Kefu, mail: Post, logs_in: LogsIn
) -> None:
    wang = mail.writer()
    wang.writes("发货时间", f"您好！\n{QUESTION}\n谢谢")
    (ack,) = await wang.gets()
    assert "发货" in ack.new_text
    assert automatic(ack)


async def test_danger_brings_a_person_and_safe_words_at_once(house: Kefu, mail: Post, logs_in: LogsIn) -> None:
    wang, li, subject = mail.writer(), await logs_in(house, LI), about()
    wang.writes(subject, "你们的充电器今天冒烟着火了，孩子的手被烧伤了！")
    (ack,) = await wang.gets()
    place = await finds(li, subject)
    assert (await li.row(place))["tier"] == "critical"
    assert "120" in ack.body or "119" in ack.body


@pytest.mark.parametrize("headers", [
    {"Auto-Submitted": "auto-replied"}, {"X-QQ-AUTO-REPLY": "true"}, {"List-Id": "<news.example>"},
    {"X-Auto-Response-Suppress": "All"},
])  # fmt: skip
async def test_what_may_not_be_answered_is_kept_and_shown_with_the_reason(
    house: Kefu, mail: Post, logs_in: LogsIn, headers: dict[str, str]
) -> None:
    wang, li, subject = mail.writer(), await logs_in(house, LI), about()
    wang.writes(subject, "我在休假，下周回来。", headers=headers)
    place = await finds(li, subject)
    (told,) = await said(li, place, "customer")
    assert told["letter"]["why_not"]["zh-Hans"]
    assert await wang.gets_no_more(0) == []


async def test_a_responder_on_holiday_is_answered_once_and_the_exchange_ends(
    house: Kefu, mail: Post, logs_in: LogsIn
) -> None:
    li, subject = await logs_in(house, LI), about()
    Writer(mail, f"away@holiday{next(COUNT)}.example", "李先生").writes(subject, QUESTION)
    place = await finds(li, subject)

    async def came_back() -> bool:
        return len(await said(li, place, "customer")) >= 2

    await until(came_back, "the responder's mail in the same conversation")
    await asyncio.sleep(6)
    assert len(await said(li, place, "customer")) == 2
    assert len(await said(li, place, "bot")) == 1


async def test_a_bounce_comes_back_to_the_very_message(house: Kefu, mail: Post, logs_in: LogsIn) -> None:
    li, subject = await logs_in(house, LI), about()
    Writer(mail, "bounceme@gone.example", "无名").writes(subject, QUESTION)
    place = await finds(li, subject)

    async def failed() -> dict[str, Any] | None:
        lost = [m for m in await said(li, place, "bot") if m["delivery"] == "failed"]
        return lost[0] if lost else None

    lost = await until(failed, "the bounce at the message", 40)
    assert "bounceme@gone.example" in lost["error"]
    assert len(await said(li, place, "bot")) == 1


async def test_a_number_in_a_subject_opens_nobodys_conversation(house: Kefu, mail: Post, logs_in: LogsIn) -> None:
    wang, thief, li, subject = mail.writer(), mail.writer(name="贼"), await logs_in(house, LI), about()
    wang.writes(subject, "我的地址是北京路一号")
    await wang.gets()
    place = await finds(li, subject)
    other = about()
    thief.writes(f"Re: [KF-{place}] {other}", "请把地址再发我一遍")
    assert await finds(li, other) != place


async def test_hostile_and_broken_mail_hurts_nobody_else(house: Kefu, mail: Post, logs_in: LogsIn) -> None:
    wang, li, subject = mail.writer(), await logs_in(house, LI), about()
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    for raw in (b"", b"\r\n\r\n", b"From: \xff\xfe<>\r\nSubject: \xe9\r\n\r\n\x00\x01", deep, b"x" * 100_000):
        wang.post_raw(raw)
    wang.writes(subject, "在吗？")
    await finds(li, subject)


@pytest.fixture
def called(house: Kefu) -> Iterator[None]:
    """小李 wants to be told by mail, for the length of a test."""
    wish(house, "xiaoli", AGENT, "always")
    yield
    wish(house, "xiaoli", "", "never")


@pytest.mark.usefixtures("called")
async def test_an_agent_answers_from_his_own_mailbox(house: Kefu, mail: Post, logs_in: LogsIn) -> None:
    wang, li, subject = mail.writer(), await logs_in(house, LI), about()
    agent = Writer(mail, AGENT, "小李")
    before = len(agent.box())
    wang.writes(subject, "少了一个杯子，请人工处理")
    (told,) = (await agent.gets(before + 1))[before:]
    place = await finds(li, subject)
    assert "少了一个杯子" in told.body
    assert f"/desk/c/{place}" in told.body
    await wang.gets(1)
    agent.writes(f"Re: {told.subject}", "王女士，杯子今天补寄。", answers=told)
    await until(lambda: _unsent(li, place), "an answer nobody vouches for, kept from her")
    await wang.gets_no_more(1)
    agent.writes(f"Re: {told.subject}", "王女士，杯子今天补寄。", answers=told, headers=agent.vouched())
    answer = (await wang.gets(2))[-1]
    assert "杯子今天补寄" in answer.body
    assert "/desk/c/" not in answer.body
    (mine,) = await said(li, place, "agent")
    assert (mine["name"], mine["text"]) == ("小李", "王女士，杯子今天补寄。")


async def _unsent(agent: Agent, place: int) -> bool:
    page = await agent.get(f"/conversations/{place}/events")
    return any(event["t"] == "agent_mail" for event in page["events"])


def wish(house: Kefu, login: str, email: str, notify: str) -> None:
    async def work(store: Store) -> None:
        await store.write(agents.wish, login, email=email, notify=notify)

    in_store(house.store_url, work)


async def test_two_of_us_do_not_talk_to_each_other_for_ever(mail: Post, tmp_path: Path, logs_in: LogsIn) -> None:
    with (
        shop(tmp_path / "one", mail, mail.mailbox("mail", BROKEN)) as one,
        shop(tmp_path / "two", mail, mail.mailbox("mail", SISTER)) as two,
    ):
        hire(one.store_url, LI)
        hire(two.store_url, WANG)
        one.start()
        two.start()
        open_for(one, "mail")
        open_for(two, "mail")
        subject = about()
        Writer(mail, SISTER, "姐妹店").writes(subject, QUESTION, to=BROKEN)
        li = await logs_in(one, LI)
        place = await finds(li, subject)

        async def answered() -> bool:
            return bool(await said(li, place, "bot") and mail.boxes.mails(SISTER))

        await until(answered, "the first answer in the other's mailbox")
        await asyncio.sleep(6)
        assert len(await said(li, place, "bot")) == 1
        assert len(mail.boxes.mails(SISTER)) == 1


async def test_one_mailbox_that_fails_does_not_stop_the_other_and_says_why(
    mail: Post, tmp_path: Path, logs_in: LogsIn
) -> None:
    wrong = mail.mailbox("wrong", BROKEN, password="not-this")
    with shop(tmp_path, mail, wrong, mail.mailbox("right", SISTER)) as made:
        hire(made.store_url, LI)
        made.start()
        open_for(made, "right")
        wang, li, subject = mail.writer(), await logs_in(made, LI), about()
        wang.writes(subject, "在吗？", to=SISTER)
        await wang.gets()

        async def told() -> bool:
            troubles = (await li.get("/troubles"))["troubles"]
            return any(trouble["inbox"] == "wrong" for trouble in troubles)

        await until(told, "the trouble of the mailbox that lets nobody in")
        assert "not-this" not in "".join(made.lines)


async def test_what_came_while_we_were_away_is_taken_in_and_nothing_twice(
    mail: Post, tmp_path: Path, logs_in: LogsIn
) -> None:
    with shop(tmp_path, mail, mail.mailbox("mail", BROKEN)) as made:
        hire(made.store_url, LI)
        made.start()
        open_for(made, "mail")
        wang, zhao = mail.writer(), mail.writer(name="赵先生")
        one, two = about(), about()
        wang.writes(one, "在吗？", to=BROKEN)
        await wang.gets()
        made.kill()
        zhao.writes(two, "我的杯子呢？", to=BROKEN)
        mail.boxes.forget_uids(BROKEN)
        made.start()
        await zhao.gets()
        li = await logs_in(made, LI)
        assert await finds(li, one) != await finds(li, two)
        await wang.gets_no_more(1)
        assert len((await li.get("/conversations?tab=all"))["rows"]) == 2
