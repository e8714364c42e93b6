"""What WeChat's error codes mean for us.

Source: WxJava's WxMpErrorMsgEnum and the pages of each call; actions are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from bot.errors import PermanentSendError, SendError, TemporarySendError, Trouble, WindowClosedError
from channels.wechat.troubles import trouble

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
IP = re.compile(r"[0-9a-f]*[.:][0-9a-f.:]+", re.IGNORECASE)


class MediaGoneError(PermanentSendError):
    """WeChat no longer knows a media id; a new upload may mend it."""


class Action(Enum):
    """What to do about a refused call."""

    RETRY = auto()
    CLOSED = auto()
    SPENT = auto()
    GIVE_UP = auto()
    UPLOAD = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The action, in words why, when to try again, and which trouble (of TROUBLES) people have to mend."""

    action: Action
    why: str
    after: float | None = None
    trouble: str = ""


TABLE: Mapping[int, Verdict] = {
    -1: Verdict(Action.RETRY, "WeChat is busy"),
    40001: Verdict(Action.RETRY, "the access token is refused again and again", 60, "token"),
    40014: Verdict(Action.RETRY, "the access token is refused again and again", 60, "token"),
    42001: Verdict(Action.RETRY, "the access token is refused again and again", 60, "token"),
    40164: Verdict(Action.RETRY, "our IP address is not in the account's whitelist", 60, "ip"),
    40125: Verdict(Action.RETRY, "the AppSecret is wrong", 300, "secret"),
    40013: Verdict(Action.RETRY, "the AppID is wrong", 300, "app_id"),
    45009: Verdict(Action.RETRY, "the account's calls of today are used up", 600, "daily_quota"),
    45011: Verdict(Action.RETRY, "too many calls at a time", 10),
    45015: Verdict(Action.CLOSED, "the customer has not written for 48 hours, or has left"),
    45047: Verdict(Action.SPENT, "the messages his last act allowed are used up"),
    48001: Verdict(Action.GIVE_UP, "the account may not use this call", None, "uncertified"),
    48004: Verdict(Action.GIVE_UP, "the account's use of this call is banned", None, "banned"),
    50002: Verdict(Action.GIVE_UP, "the account is restricted", None, "banned"),
    40003: Verdict(Action.GIVE_UP, "no such customer"),
    46004: Verdict(Action.GIVE_UP, "no such customer"),
    43004: Verdict(Action.GIVE_UP, "the customer does not follow the account"),
    50005: Verdict(Action.GIVE_UP, "the customer does not follow the account"),
    43101: Verdict(Action.GIVE_UP, "the customer has not agreed to this notice"),
    48002: Verdict(Action.GIVE_UP, "the customer refuses messages of the account"),
    40004: Verdict(Action.GIVE_UP, "WeChat does not take this kind of file"),
    40005: Verdict(Action.GIVE_UP, "WeChat does not take this kind of file"),
    40006: Verdict(Action.GIVE_UP, "the file is too large for WeChat"),
    45001: Verdict(Action.GIVE_UP, "the file is too large for WeChat"),
    40007: Verdict(Action.UPLOAD, "WeChat no longer has the file"),
    45002: Verdict(Action.GIVE_UP, "the text is too long for WeChat"),
    40033: Verdict(Action.GIVE_UP, "WeChat could not read the call"),
    41001: Verdict(Action.GIVE_UP, "the call had no access token"),
    44004: Verdict(Action.GIVE_UP, "the text is empty"),
    47001: Verdict(Action.GIVE_UP, "WeChat could not read the call"),
    45072: Verdict(Action.GIVE_UP, "typing cannot be shown"),
    45080: Verdict(Action.GIVE_UP, "typing cannot be shown: the customer was not active for 30 seconds"),
    45081: Verdict(Action.GIVE_UP, "typing is shown already"),
}
UNKNOWN = Verdict(Action.GIVE_UP, "it was refused")


def failure(
    code: int,
    said: str,
    table: Mapping[int, Verdict] = TABLE,
    mend: Callable[..., Trouble] = trouble,
    network: str = "WeChat",
) -> SendError:
    """The error for a refusal. `said`: WeChat's own words, free of secrets. `table`, `mend` and `network`
    are another one's that answers alike."""
    verdict = table.get(code, UNKNOWN)
    reason = f"{verdict.why} ({network} {code}: {' '.join(said.split())[:200]})"
    ip = found[0].strip(":.") if (found := IP.findall(said.partition("ip")[2])) else "?"
    return MAKERS[verdict.action](reason, verdict, mend(verdict.trouble, ip=ip) if verdict.trouble else None)


MAKERS: Mapping[Action, Callable[[str, Verdict, Trouble | None], SendError]] = {
    Action.RETRY: lambda why, v, told: TemporarySendError(why, retry_after=v.after, trouble=told),
    Action.CLOSED: lambda why, v, told: WindowClosedError(why, spent=False),
    Action.SPENT: lambda why, v, told: WindowClosedError(why, spent=True),
    Action.GIVE_UP: lambda why, v, told: PermanentSendError(why, trouble=told),
    Action.UPLOAD: lambda why, v, told: MediaGoneError(why),
}
