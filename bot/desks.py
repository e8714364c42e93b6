"""What the desks stand on, put together: the part of the roof over `handoff.desk` and `handoff.telegram_desk`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.engine import Beside, Engine, InboxHandle
from bot.media import KeptFiles
from bot.messages import Outgoing
from bot.ports import Capabilities, Correspondent, Measure
from bot.settings import Settings
from bot.shelf import InboxShelf
from bot.store import arrivals
from channels.fit import MEASURES
from channels.phone.channel import PhoneChannel
from handoff.desk.ground import DeskGround
from handoff.telegram_desk import making, naming
from replies.brain import Scripted
from replies.drafts import Drafts
from replies.forms.secrets import mask
from replies.library import FaqFile
from replies.source import CONTENT

T = TypeVar("T")


def desk_ground(settings: Settings, engine: Engine, brain: Scripted, files: KeptFiles, *, mails: bool) -> DeskGround:
    """Everything the desk is handed."""
    handles, live = engine.inboxes, engine.live
    phone = next(handle.channel for handle in handles.values() if isinstance(handle.channel, PhoneChannel))
    return DeskGround(
        store=engine.store,
        live=live,
        ring_turn=live.ring_turn,
        ring_delivery=live.ring_delivery,
        typing=engine.typists.agent,
        pull=_able(handles, lambda can: can.pull, False),
        public_url=settings.web.url,
        inboxes={*handles, naming.INBOX},
        carries=lambda name, public: (
            handles[name].channel.capabilities.at(public).attachments if name in handles else ()
        ),
        letters=_able(handles, lambda can: can.letters, False),
        speaks=_able(handles, lambda can: can.speaks, True),
        windowed=_able(handles, lambda can: can.reply_window is not None, False),
        public_most=_able(handles, lambda can: can.public.max_text if can.public else None, None),
        public_measure=(measure := _able(handles, lambda can: can.at(True).measure, Measure.CHARACTERS)),
        public_long=lambda name, text: MEASURES[measure(name)](text),
        phone=phone.name,
        country=phone.options.country,
        cases=settings.cases.within,
        zone=ZoneInfo(settings.brand.timezone),
        hide=lambda text, order: mask(text, order=order),
        heading=partial(_heading, handles),
        files=files,
        mails=mails,
        telegram=bool(settings.telegram_desk.token),
        etiquette=Drafts(),
        phrases=brain,
        library=FaqFile(settings.faq.path, settings.content.path or CONTENT),
    )


async def desk_in_telegram(settings: Settings, ground: DeskGround, files: KeptFiles) -> Beside:
    """The desk inside a Telegram group, to run beside the engine."""
    row = await ground.store.write(arrivals.keep_inbox, naming.INBOX, naming.CHANNEL)
    shelf = InboxShelf(ground.store, row, files.file, files.ahead, ZoneInfo(settings.brand.timezone))
    return making.desk(settings.telegram_desk, ground, shelf, settings.brand.languages[0])


def _able(handles: Mapping[str, InboxHandle], read: Callable[[Capabilities], T], gone: T) -> Callable[[str], T]:
    """What an inbox's network can do, by the inbox's name; of one that is no longer configured, `gone`."""
    return lambda name: read(handles[name].channel.capabilities) if name in handles else gone


async def _heading(handles: Mapping[str, InboxHandle], inbox: str, outgoing: Outgoing) -> Mapping[str, Any] | None:
    """What a letter will stand between, as its channel has it."""
    channel = handles[inbox].channel if inbox in handles else None
    return await channel.heading(outgoing) if isinstance(channel, Correspondent) else None
