"""What `kefu check` says about a Telegram inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.errors import SendError
from bot.ports import Finding
from channels.telegram.fields import Json, number, word
from channels.telegram.options import Options

if TYPE_CHECKING:
    from channels.telegram.api import Api

MANY = 100
"""Updates that wait although somebody should fetch them."""


async def findings(name: str, options: Options, api: Api) -> Sequence[Finding]:
    """Whether the token opens the door, and whether updates go where the settings say. Takes no update."""
    what = f"Telegram's bot {options.bot_id}"
    try:
        me = _object(await api.ask("getMe"))
        info = _object(await api.ask("getWebhookInfo"))
    except SendError as error:
        return [Finding(what, False, _mend(error, options))]
    username = word(me, "username")
    found = [Finding(f"{what}: https://t.me/{username}", True), _going(name, options, info)]
    if (waiting := number(info, "pending_update_count") or 0) > MANY:
        told = f"{waiting} updates wait at Telegram, which keeps them for a day; `kefu serve` takes them"
        found.append(Finding("what waits at Telegram", True, told))
    if me.get("can_join_groups") is True:
        told = "anybody may add it to a group, where kefu answers nobody: @BotFather › /setjoingroups › Disable"
        found.append(Finding("only private chats", True, told))
    return found


def _going(name: str, options: Options, info: Json) -> Finding:
    """Where the updates go, against the mode."""
    what, url, wanted = f"updates by {options.mode}", word(info, "url"), options.webhook(name)
    ours = not url or url.endswith(f"/webhooks/{name}")
    if not ours and not options.take_over:
        mend = f"its updates are pushed to {url.split('?')[0][:100]}: another program has the bot. "
        mend += "If that one is no longer in use, write take_over = true and start kefu; else make another bot"
        return Finding(what, False, mend)
    if wanted != url:
        doing = f"set the webhook {wanted}" if wanted else f"delete the webhook {url[:100]}"
        return Finding(what, True, f"`kefu serve` will {doing}; nothing that waits is lost")
    said = word(info, "last_error_message") if number(info, "pending_update_count") else ""
    if wanted and said:
        mend = f"Telegram cannot push to {wanted}: {said[:200]}. "
        mend += "Look at public_url, the certificate (Telegram wants 443, 80, 88 or 8443) and the proxy in front"
        return Finding(what, False, mend)
    return Finding(what, True)


def _mend(error: SendError, options: Options) -> str:
    if error.trouble is not None:
        return error.trouble.said["en"]
    return f"{error}. Can this server open {options.api_base}? Servers in mainland China usually need proxy or api_base"


def _object(told: Any) -> Mapping[str, Any]:
    return told if isinstance(told, Mapping) else {}
