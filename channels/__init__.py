"""The channels wing: how each network says it. One folder a network; this page finds the right one.

A channel is named by its kind and imported only when an inbox uses it, so that a heavy client library costs
nothing to those who do not need it. Other distributions add kinds by the entry point group `kefu.channels`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from bot.errors import SettingsError
from bot.ports import Channel

CHANNELS: Mapping[str, str] = {
    "web": "channels.web.channel:WebChannel",
    "wecom": "channels.wecom.channel:WeComChannel",
    "wechat": "channels.wechat.channel:WeChatChannel",
    "email": "channels.email.channel:EmailChannel",
    "phone": "channels.phone.channel:PhoneChannel",
    "telegram": "channels.telegram.channel:TelegramChannel",
    "weibo": "channels.weibo.channel:WeiboChannel",
}
READERS: Mapping[str, str] = {"email": "channels.email.inbound:understood"}
"""Kinds whose payloads say more than an Incoming holds: what `kefu replay --dry-run` prints of one."""
GROUP = "kefu.channels"

Maker = Callable[[str, Mapping[str, Any]], Channel]
"""Makes a channel of an inbox's name and options; raises SettingsError when the options make no sense."""
Reader = Callable[[bytes], Mapping[str, Any]]
"""What a payload is understood as, as JSON; never raises."""


def kinds() -> tuple[str, ...]:
    """Every kind an inbox may name: ours, and those other installed distributions bring."""
    return tuple(sorted({*CHANNELS, *_foreign()}))


def load(kind: str) -> Maker:
    """The class behind a kind. Ours win over an entry point of the same name."""
    target = CHANNELS.get(kind) or _foreign().get(kind)
    if target is None:
        raise SettingsError(f"there is no channel {kind!r}; the known ones are: {', '.join(kinds())}")
    try:
        maker: Maker = _named(target)
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"channel {kind!r} cannot be loaded from {target}: {error}") from error
    return maker


def reader(kind: str) -> Reader | None:
    """What reads a kind's payloads in a form of its own; None where an Incoming says it all."""
    target = READERS.get(kind)
    return _named(target) if target else None


def _named(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def _foreign() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=GROUP)}
