"""What Weibo's error codes mean for us.

Source: open.weibo.com/wiki/Error_code; 26403 and 21321 as they were seen. Actions are ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import SendError, Trouble
from channels.wechat.errors import Action, Verdict, failure
from channels.weibo.troubles import trouble

NETWORK = "Weibo"
SLOW = 20032
"""It was done, and takes a while to be seen."""
PAUSE = 300.0
"""Seconds in which nobody asks again after Weibo refused the token: only a person can mend that."""
TOKEN_REFUSED = frozenset({21301, 21314, 21315, 21316, 21317, 21318, 21319, 21327, 21332})
RATE = frozenset({10022, 10023, 10024})
"""Too many calls: of the address, of the user, of the user to one interface."""
LIMITED = RATE | {20016}
"""The same, and too many messages in a short time."""

_busy = Verdict(Action.RETRY, "Weibo is busy")
_token = Verdict(Action.RETRY, "the access token is not taken", PAUSE, "token")
_forbidden = Verdict(Action.GIVE_UP, "the app may not use this call", None, "permission")
_long = Verdict(Action.GIVE_UP, "the text is too long for Weibo")
_repeated = Verdict(Action.GIVE_UP, "Weibo takes it for a repetition")
_illegal = Verdict(Action.GIVE_UP, "Weibo does not allow the words")
_wrong = Verdict(Action.GIVE_UP, "Weibo could not read the call")

TABLE: Mapping[int, Verdict] = {
    **dict.fromkeys((10001, 10002, 10003, 10009, 10011), _busy),
    10004: Verdict(Action.RETRY, "our IP address may not call", PAUSE, "ip"),
    **dict.fromkeys((10005, 10014), _forbidden),
    **dict.fromkeys((10006, 10008, 10012, 10016, 10017), _wrong),
    10013: Verdict(Action.GIVE_UP, "no such customer"),
    10018: _long,
    10022: Verdict(Action.RETRY, "this server's calls are used up", 600),
    10023: Verdict(Action.RETRY, "the account's calls are used up", 1800),
    10024: Verdict(Action.RETRY, "the account's calls of this kind are used up", 1800),
    20003: Verdict(Action.GIVE_UP, "no such customer"),
    20008: Verdict(Action.GIVE_UP, "the text is empty"),
    **dict.fromkeys((20012, 20013), _long),
    20015: Verdict(Action.GIVE_UP, "the account, the app or our address is restricted", None, "banned"),
    20016: Verdict(Action.RETRY, "too many messages at a time", 60),
    **dict.fromkeys((20017, 20019, 20111), _repeated),
    **dict.fromkeys((20018, 20020, 20021), _illegal),
    20022: Verdict(Action.RETRY, "our IP address is restricted", 600, "banned"),
    20101: Verdict(Action.GIVE_UP, "the post is gone"),
    20201: Verdict(Action.GIVE_UP, "the comment is gone"),
    20206: Verdict(Action.GIVE_UP, "the author lets only some people comment"),
    **dict.fromkeys(TOKEN_REFUSED, _token),
    21320: _wrong,
    21321: Verdict(Action.GIVE_UP, "the app is not reviewed yet", None, "unaudited"),
    21335: Verdict(Action.GIVE_UP, "uid is not the account the access token is of"),
    26403: Verdict(Action.SPENT, "the customer was answered, or may no longer be written to"),
}


class RefusedError(Exception):
    """Weibo did not do it, and says why. `said` has no secret in it."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"error_code {code}: {said}")
        self.code, self.said = code, said

    @property
    def meaning(self) -> SendError:
        """What it means for a message."""
        return failure(self.code, self.said, TABLE, _trouble, NETWORK)


def _trouble(key: str, **_: object) -> Trouble:
    return trouble(key)
