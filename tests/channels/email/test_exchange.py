"""A customer, the bot and an agent write to each other through real servers: the whole of kefu, Dovecot and Exim."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot import app, settings
from bot.app import App
from bot.messages import Author
from bot.store import agents, desk
from channels.email.mail import Mail
from channels.email.reading import read
from tests.channels.email.raw import raw
from tests.engine.works import until
from tests.peers.dovecot import PASSWORD, Dovecot, dovecot
from tests.peers.exim import Exim, exim
from tests.store.shop import rows

SHOP, WANG = "support@shop.example", "wang@customer.example"
QUESTION = "上个月退的货，退款还没有收到，订单号 A12345678，请尽快处理。"


@asynccontextmanager
async def at_work(folder: Path, box: Dovecot, relay: Exim) -> AsyncIterator[App]:
    """kefu, as its settings file makes it."""
    file = folder / "kefu.toml"
    file.write_text(
        f"""
        [faq]
        encoder = false
        [[inbox]]
        name = "mail"
        channel = "email"
        address = "{SHOP}"
        password = "{PASSWORD}"
        from_name = "示例商店客服"
        imap_host = "127.0.0.1"
        imap_port = {box.port}
        imap_security = "none"
        smtp_host = "127.0.0.1"
        smtp_port = {relay.port}
        smtp_security = "none"
        """
    )
    made = await app.build(settings.load(file, {}))
    try:
        async with app.running(made.engine, made.store, made.live):
            yield made
    finally:
        await made.close()


def write(relay: Exim, mail: bytes) -> None:
    """The customer's program hands a mail in."""
    with smtplib.SMTP("127.0.0.1", relay.port) as line:
        line.sendmail(WANG, [SHOP], mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


async def received(box: Dovecot, number: int) -> Mail:
    """The customer's newest mail, when he has so many."""
    await until(lambda: len(box.mails(WANG)) >= number)
    mails = box.mails(WANG)
    assert len(mails) == number
    return read(mails[-1])


async def said(made: App, sql: str = "") -> list[Any]:
    return await made.store.read(rows, f"SELECT * FROM message WHERE audience = 'all' {sql} ORDER BY seq")


async def test_a_letter_its_acknowledgement_an_agents_answer_and_the_customers_thanks(tmp_path: Path) -> None:
    with dovecot(SHOP, WANG) as box, exim(box.lmtp_port, SHOP, WANG) as relay:
        async with at_work(tmp_path, box, relay) as made:
            await _begun(made)
            write(
                relay,
                raw(QUESTION, Subject="退款", To=SHOP, From=f"王先生 <{WANG}>", Message_ID="<1@customer.example>"),
            )
            receipt = await received(box, 1)
            assert receipt.subject == "Re: 退款 [KF-1]"
            assert receipt.in_reply_to == "<1@customer.example>"
            assert receipt.headers.first("auto-submitted") == "auto-replied"
            assert QUESTION not in receipt.body

            agent = await made.store.write(agents.add, "mei", name="小美", password_hash="x")
            await made.store.write(desk.reply, 1, agent, cid="c", text="您好，退款今天已经办理。", pull=False)
            made.live.ring_delivery()
            answer = await received(box, 2)
            assert answer.sender.name == "小美 · 示例商店客服"
            assert answer.new_text.startswith("您好，退款今天已经办理。")
            assert "工号" in answer.body
            assert QUESTION in answer.body
            assert not answer.headers.has("auto-submitted", "precedence")

            quoted = "\n".join(f"> {line}" for line in answer.body.split("\n"))
            thanks = raw(
                f"收到，谢谢！\n\n在 2026年11月26日，小美 <{SHOP}> 写道：\n{quoted}\n",
                Subject=answer.subject,
                To=SHOP,
                From=WANG,
                Message_ID="<2@customer.example>",
                In_Reply_To=answer.message_id,
            )
            write(relay, thanks)
            await until(lambda: _number(made, 4))
            await until(lambda: _quiet(made))
            told = await said(made)
            assert {row.conversation_id for row in told} == {1}
            assert [row.author for row in told] == [Author.CUSTOMER, Author.BOT, Author.AGENT, Author.CUSTOMER]
            assert told[-1].text == "收到，谢谢！"
            assert [row.delivery for row in told] == ["", "sent", "sent", ""]
            assert answer.message_id in str(told[2].payload)
            assert len(box.mails(WANG)) == 2
            await until(lambda: len(box.mails(SHOP, "Sent")) == 2)


async def _begun(made: App) -> None:
    """The mailbox is looked into: what comes from now on is new."""
    await until(lambda: _any(made, "SELECT name FROM kept WHERE name LIKE 'mail:INBOX%'"))


async def _any(made: App, sql: str) -> bool:
    return bool(await made.store.read(rows, sql))


async def _number(made: App, number: int) -> bool:
    return len(await said(made)) == number


async def _quiet(made: App) -> bool:
    await asyncio.sleep(0.3)
    return not await made.store.read(rows, "SELECT id FROM outbox")
