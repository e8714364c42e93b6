"""`kefu demo`: a sample shop with the chat on its page, two agents, and conversations that were really held.

The conversations are played through the engine and the desk's own scripts, each once.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from bot import app, logs, settings
from bot.app import App
from bot.commands import ground, serving
from bot.errors import ConflictError
from bot.messages import Incoming
from bot.setting_sections import Brand, StoreSettings
from bot.settings import InboxSettings, Settings
from bot.store import agents, arrivals, desk, health, open_store
from handoff.desk.accounts import Passwords

PASSWORD = "kefu-demo"  # noqa: S105  # printed for everybody; the demo listens on this machine only
AGENTS = (("xiaoli", "小李", "1001", "agent"), ("xiaowang", "小王", "1002", "supervisor"))
PAGE = Path(__file__).with_name("shop.html")
CUSTOMER, AGENT, NOTE, RESOLVE = "customer", "agent", "note", "resolve"


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation: who says what, in order. What the bot says it says itself."""

    sender: str
    name: str
    language: str
    agent: str
    lines: tuple[tuple[str, str], ...]


STORIES = (
    Story(
        "zhang", "张女士", "zh-Hans", "xiaoli",
        ((CUSTOMER, "你好"), (CUSTOMER, "我的订单到哪了"), (CUSTOMER, "好的，谢谢")),
    ),
    Story(
        "emma", "Emma", "en", "xiaowang",
        (
            (CUSTOMER, "Hi"),
            (CUSTOMER, "How do I return this?"),
            (CUSTOMER, "Can I talk to a person, please?"),
            (AGENT, "Hello Emma, this is Wang, agent 1002. Which item would you like to return?"),
            (CUSTOMER, "The blue linen curtains. They are too short for my window."),
            (
                AGENT,
                "Thank you. I have sent the return label to your e-mail; the refund reaches you within 3 working days"
                " of the parcel reaching us. Is there anything else I can help you with?",
            ),
            (CUSTOMER, "No, that is all. Thanks!"),
            (RESOLVE, ""),
        ),
    ),
    Story(
        "li", "李先生", "zh-Hans", "xiaoli",
        (
            (CUSTOMER, "收到的台灯有一处磕碰，我要转人工"),
            (AGENT, "李先生您好，我是客服小李，工号 1001。给您添麻烦了，请您发一张磕碰处的照片，好吗？"),
            (NOTE, "若照片属实，可补发灯罩或全额退款，请客户选。"),
            (CUSTOMER, "好的，照片我晚点拍给您"),
        ),
    ),
    Story(
        "chen", "陳小姐", "zh-Hant", "xiaoli",
        ((CUSTOMER, "您好"), (CUSTOMER, "請問運費怎麼算"), (CUSTOMER, "我想找真人客服")),
    ),
)  # fmt: skip
"""One the bot settles, one that is done, one in an agent's hands, one that waits for an agent."""

PATIENCE = 500
"""Looks, 20 ms apart, before the demo gives up on a turn."""


def run(folder: Path, port: int | None) -> None:
    """Serve the demo; the first time, make its agents and play its conversations."""
    made = demo_settings(folder, port)
    logs.configure(made.log)
    asyncio.run(_agents(made.store.url))
    played: list[asyncio.Task[None]] = []  # holds on to the task while it runs

    def ready(running: App) -> None:
        running.web.router.routes.insert(0, Route("/demo", _page))
        logins = "  ".join(f"{login} ({name} {number})" for login, name, number, _ in AGENTS)
        serving.told(
            running, f"示例网店 shop    {made.web.url}/demo", f"登录 logins     {logins}  密码 password: {PASSWORD}"
        )
        played.append(asyncio.get_running_loop().create_task(play(running)))

    app.serve(made, ready)


def demo_settings(folder: Path, port: int | None) -> Settings:
    """The defaults and the environment, with a database and one web inbox of the demo's own."""
    found = settings.load(None, os.environ)
    return replace(
        found,
        brand=Brand(),
        store=StoreSettings(f"sqlite:///{folder.resolve() / 'kefu.db'}"),
        web=replace(found.web, port=port or found.web.port),
        inboxes=(InboxSettings("web", "web"),),
    )


async def _page(request: Request) -> HTMLResponse:
    policy = "default-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'"
    return HTMLResponse(PAGE.read_text("utf-8"), headers={"Content-Security-Policy": policy})


async def _agents(url: str) -> None:
    await ground.migrated(url)
    store = await open_store(url)
    try:
        hashed = await Passwords().hash(PASSWORD)
        for login, name, number, role in AGENTS:
            try:
                await store.write(
                    agents.add, login, name=name, number=number, role=role, password_hash=hashed, must_change=False
                )
            except ConflictError:
                return  # the demo was here before
    finally:
        await store.close()


async def play(running: App) -> None:
    """Hold the conversations that were not held before, even if the demo was stopped in the midst of them."""
    for story in STORIES:
        said = [f"demo:{story.sender}:{n}" for n, (who, _) in enumerate(story.lines) if who == CUSTOMER]
        inbox = running.engine.inboxes["web"].id
        if await running.store.read(arrivals.find, inbox, said[-1]) is None:
            await _hold(running, story)


async def _hold(running: App, story: Story) -> None:
    found = await running.store.read(agents.find, story.agent)
    assert found is not None
    write, conversation = running.store.write, 0
    for n, (who, text) in enumerate(story.lines):
        key = f"demo:{story.sender}:{n}"
        if who == CUSTOMER:
            said = Incoming(key, f"demo-{story.sender}", text, sender_name=story.name, language=story.language)
            conversation = (await running.engine.accept("web", said)).conversation_id
            await _turned(running)
        elif who == AGENT:
            await write(desk.reply, conversation, found.id, cid=key, text=text, pull=True)
        elif who == NOTE:
            await write(desk.note, conversation, found.id, cid=key, text=text)
        else:
            await write(desk.resolve, conversation, found.id)
        running.live.changed(conversation)


async def _turned(running: App) -> None:
    for _ in range(PATIENCE):
        if not (await running.store.read(health.waiting))["turns"]:
            return
        await asyncio.sleep(0.02)
    raise TimeoutError("the bot took too long in the demo")
