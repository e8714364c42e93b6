"""The roof: builds everything from the settings. The only place that imports the wings and hands them in."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Thread
from typing import Any, cast
from zoneinfo import ZoneInfo

import structlog
import uvicorn
from starlette.applications import Starlette

from bot.desks import desk_ground, desk_in_telegram
from bot.engine import Engine, InboxHandle, Pace
from bot.errors import OptionsError, SettingsError
from bot.fetching import Fetching
from bot.live import Live
from bot.media import KeptFiles, MediaFolder
from bot.notifying import Notifying
from bot.ports import Borrower, Channel
from bot.setting_sections import ModelSettings
from bot.settings import InboxSettings, Settings
from bot.shelf import InboxShelf
from bot.store import arrivals, open_store
from bot.store.runner import PgStore, Store
from bot.visits import WebVisits
from bot.web import Ground, application
from channels import fit, load
from channels.phone.channel import PhoneChannel
from channels.web.channel import WebChannel
from channels.web.routes import routes as chat_routes
from handoff.desk.accounts import first_admin
from handoff.desk.routes import routes as desk_routes
from handoff.record import Floor
from replies.brain import Scripted
from replies.duty import Duty
from replies.etiquette import warm
from replies.faq.kept import Kept
from replies.faq.table import read_faq
from replies.freshness import Freshness
from replies.knowledge import faq_files
from replies.models.assisted import Assisted
from replies.models.endpoint import Endpoint, Terms
from replies.public import Answers, PublicTerms
from replies.source import CONTENT

logger = structlog.get_logger(__name__)

PHONE = PhoneChannel.kind
BACKLOG = 2048
"""Connections the kernel keeps for us while we are busy."""
PEER_TIMEOUT_MS = 20_000
"""How long a peer may leave our bytes unacknowledged (TCP_USER_TIMEOUT): a client that never reads is let go of."""
MEGABYTE = 1024 * 1024
MAX_FRAME = 8 * 1024
"""Bytes of a WebSocket frame from a browser; what is longer comes by POST."""


@dataclass(frozen=True, slots=True)
class App:
    """Everything of one process. `web` serves it; its lifespan starts and stops the engine."""

    settings: Settings
    store: Store
    live: Live
    engine: Engine
    brain: Scripted
    channels: Mapping[str, Channel]
    web: Starlette
    password: str | None

    async def close(self) -> None:
        """Close channels, the brain and the store; the engine must have stopped."""
        await self.brain.close()
        for channel in self.channels.values():
            with contextlib.suppress(Exception):
                await channel.close()
        await self.store.close()


def make_channels(settings: Settings) -> dict[str, Channel]:
    """A channel for each configured inbox, by inbox name. SettingsError: a line for each option that makes no sense."""
    made: dict[str, Channel] = {}
    problems: list[str] = []
    for inbox in settings.inboxes:
        whose = f"inbox {inbox.name!r}: "
        try:
            made[inbox.name] = load(inbox.channel)(inbox.name, inbox.options)
        except OptionsError as error:
            problems += [f"{inbox.place(option)}: {whose}{told}" for option, told in error.problems]
        except SettingsError as error:
            problems.append(f"{inbox.place()}: {whose}{str(error).removeprefix(whose)}")
    if problems:
        raise SettingsError("\n".join(problems))
    return made


def with_phone(inboxes: Sequence[InboxSettings]) -> tuple[InboxSettings, ...]:
    """Calls are logged in every installation: without a phone inbox of the operator's there is one of ours."""
    if any(inbox.channel == PHONE for inbox in inboxes):
        return tuple(inboxes)
    taken = {inbox.name for inbox in inboxes}
    return (
        *inboxes,
        InboxSettings(next(name for name in (PHONE, "phone-log", "phone-calls") if name not in taken), PHONE),
    )


def make_brain(settings: Settings, kept: Kept | None = None) -> Scripted:
    """What the bot knows: scripts and FAQ, shipped or the operator's own, whose index may be `kept`."""
    faq = None if settings.faq.path is None else read_faq(settings.faq.path)
    content, brand, people = settings.content.path or CONTENT, settings.brand, settings.letters
    public = settings.public
    zone = ZoneInfo(brand.timezone)
    brain = Scripted.load(
        content,
        faq=faq,
        weights=settings.triage.weights,
        large_loss=settings.triage.large_loss,
        company=brand.company,
        hours=brand.hours,
        kept=kept,
        encoder=settings.faq.encoder,
        zone=zone,
        duty=Duty.of(people.days, people.opens, people.closes, zone, people.answer_within),
        public=PublicTerms(cast(Answers, public.answers), public.grave, public.followers),
    )
    chat, embeddings = make_endpoint(settings.models_chat), make_endpoint(settings.models_embeddings)
    if chat is None and embeddings is None:
        return brain
    return Assisted(brain.knowledge, chat=chat, embeddings=embeddings, rephrase=settings.models_chat.rephrase)


def make_endpoint(model: ModelSettings) -> Endpoint | None:
    """A better model, where one is set."""
    if not model.base_url:
        return None
    terms = Terms(model.base_url, model.model, model.api_key, model.within, model.daily_tokens, model.price)
    return Endpoint(terms)


async def build(settings: Settings) -> App:
    """Open the store and put everything together; nothing runs yet."""
    settings = replace(settings, inboxes=with_phone(settings.inboxes))
    channels = make_channels(settings)
    # In a data folder that is not there or not ours nothing can be kept yet; the store makes it, or tells.
    kept = Kept(settings.index_folder) if os.access(settings.data_folder, os.W_OK) else None
    brain = make_brain(settings, kept)
    store = await open_store(settings.store.url, serve=True)
    files = KeptFiles(store, MediaFolder(settings.media_folder), settings.media.max_megabytes * MEGABYTE)
    try:
        zone = ZoneInfo(settings.brand.timezone)
        handles = {i.name: await _handle(store, i, channels[i.name], files, zone) for i in settings.inboxes}
        password = await first_admin(store)
    except BaseException:
        await store.close()
        raise
    live = Live()
    company = brain.company(settings.brand.languages[0])
    fetching = Fetching(store, live, {h.id: h for h in handles.values()}, files)
    notifying = Notifying(store, handles, language=settings.brand.languages[0], url=settings.web.url)
    engine = Engine(
        store, live, handles, brain=brain, desk=Floor(), fit=fit, pace=_pace(settings), fetching=fetching,
        notifying=notifying,
    )  # fmt: skip
    ground = desk_ground(settings, engine, brain, files, mails=notifying.able)
    if settings.telegram_desk.token:
        engine.beside(await desk_in_telegram(settings, ground, files))
    routes = [
        *Ground(engine, company).routes(),
        *chat_routes(
            {name: channel for name, channel in channels.items() if isinstance(channel, WebChannel)},
            WebVisits(engine),
            lambda inbox, language: first_view(brain, language),
            suggest=lambda inbox, text, language: brain.suggest(text, language),
            public_url=settings.web.public_url,
        ),
        *desk_routes(ground),
    ]
    web = application(routes, lambda _: running(engine, store, live))
    return App(settings, store, live, engine, brain, channels, web, password)


async def _handle(
    store: Store, inbox: InboxSettings, channel: Channel, files: KeptFiles, zone: ZoneInfo
) -> InboxHandle:
    """The inbox's row, and a shelf for its channel."""
    row = await store.write(arrivals.keep_inbox, inbox.name, inbox.channel)
    shelf = InboxShelf(store, row, files.file, files.ahead, zone)
    if isinstance(channel, Borrower):
        channel.borrow(shelf)
    return InboxHandle(row, inbox.name, channel, shelf)


def first_view(brain: Scripted, language: str) -> dict[str, Any]:
    """What a visitor sees before he writes: the welcome and the topics, rendered into the page."""
    welcome = brain.greeting(language)
    return {
        "company": brain.company(language),
        "greeting": welcome.text,
        "topics": [{"label": topic.label, "value": topic.value} for topic in welcome.quick_replies],
    }


def _pace(settings: Settings) -> Pace:
    engine = settings.engine
    return Pace(
        lease=timedelta(seconds=engine.lease_seconds),
        turns=engine.turns,
        deliveries=engine.deliveries,
        sweep=engine.sweep_seconds,
        max_attempts=engine.max_attempts,
        reopen=timedelta(hours=engine.reopen_hours),
        cases=settings.cases.within,
    )


@contextlib.asynccontextmanager
async def running(engine: Engine, store: Store, live: Live) -> AsyncIterator[None]:
    """The engine at work; on PostgreSQL, in touch with the other processes."""
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(store, PgStore):
            from bot.relay import PgRelay

            relay = PgRelay(store.dsn, live)
            await relay.start()
            stack.push_async_callback(relay.stop)
        await engine.start()
        stack.push_async_callback(engine.stop)
        yield


def serve(settings: Settings, ready: Callable[[App], None]) -> None:
    """Serve until SIGINT or SIGTERM, then stop gracefully. `ready` is called once the address answers.

    Raises KefuError when it cannot start: settings, store, address.
    """
    # The writer thread asks for the interpreter at every statement; at the default 5 ms a busy loop starves it.
    sys.setswitchinterval(0.0005)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings, ready))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, ready: Callable[[App], None]) -> None:
    listening = listen(settings)
    try:
        app = await build(settings)
    except BaseException:
        listening.close()
        raise
    try:
        config = uvicorn.Config(
            app.web,
            log_config=None,
            access_log=False,
            ws_max_size=MAX_FRAME,
            server_header=False,
            timeout_graceful_shutdown=5,
            proxy_headers=True,
        )
        fresh = _freshness(settings, app.brain)
        fresh.start()
        # The rules take a while to compile, and an agent's first draft need not wait for it, nor anybody behind it.
        Thread(target=warm, name="etiquette", daemon=True).start()
        try:
            await _Server(config, app, ready).serve(sockets=[listening])
        finally:
            fresh.stop()
    finally:
        await app.close()


def _freshness(settings: Settings, brain: Scripted) -> Freshness:
    """What keeps the FAQ as its file is."""
    faq = settings.faq
    files = [faq.path] if faq.path else faq_files(settings.content.path or CONTENT)
    kept = Kept(settings.index_folder)
    return Freshness(brain, files, wrong_answers=faq.wrong_answers, encoder=faq.encoder, kept=kept)


def listen(settings: Settings) -> socket.socket:
    """The bound socket; SettingsError with the mend when the address cannot be had."""
    web = settings.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PEER_TIMEOUT_MS)
    try:
        bound.bind((web.host, web.port))
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise SettingsError(
            f"cannot listen on {web.host}:{web.port}: {error.strerror}. "
            "Stop what uses the port, or choose another: [web] port in kefu.toml, or KEFU_WEB_PORT."
        ) from error
    bound.setblocking(False)
    return bound


class _Server(uvicorn.Server):
    """uvicorn that ends with exit code 0 on a signal, and sends listening clients away before it waits for them."""

    def __init__(self, config: uvicorn.Config, app: App, ready: Callable[[App], None]) -> None:
        super().__init__(config)
        self._app, self._ready = app, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            # What start-up made stays: the collector need not look through it again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(20_000, 20, 20)
            self._ready(self._app)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for channel in self._app.channels.values():
            with contextlib.suppress(Exception):
                await channel.close()
        await super().shutdown(sockets=sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        signals: list[Any] = [signal.SIGINT, signal.SIGTERM]
        for each in signals:
            loop.add_signal_handler(each, self.handle_exit, each, None)
        try:
            yield
        finally:
            for each in signals:
                loop.remove_signal_handler(each)
