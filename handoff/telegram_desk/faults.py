"""What can be the matter with a call to Telegram, by what is to be done about it."""

from __future__ import annotations

from bot.errors import KefuError, Trouble


class CallError(KefuError):
    """Telegram refused: the same call would be refused again."""


class GoneError(CallError):
    """The topic is not there any more."""


class MovedError(CallError):
    """The group has another number now."""

    def __init__(self, to: int) -> None:
        super().__init__(f"the group moved to {to}")
        self.to = to


class LaterError(CallError):
    """Too much at once: again in so many seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"too many messages: again in {after:g} s")
        self.after = after


class BusyError(CallError):
    """Somebody else fetches this bot's updates, or has them pushed."""


class BarredError(CallError):
    """The bot may not: wrong token, not in the group, no rights."""


class VagueError(CallError):
    """The connection broke or Telegram stumbled: nobody can say whether it was done."""


SAID = {
    "busy": {
        "zh-Hans": "Telegram 客服台的机器人被别处占用（另一个程序在收消息，或设了 webhook）：{why}。"
        "给客服台一个专用的机器人。",
        "zh-Hant": "Telegram 客服台的機器人被別處占用（另一個程式在收訊息，或設了 webhook）：{why}。"
        "請給客服台一個專用的機器人。",
        "en": "the Telegram desk's bot is in use elsewhere: {why}. Give the desk a bot of its own, without a webhook.",
    },
    "barred": {
        "zh-Hans": "Telegram 客服台进不去：{why}。检查 [telegram_desk] 的 token，并让机器人作为管理员进群。",
        "zh-Hant": "Telegram 客服台無法進入：{why}。請檢查 [telegram_desk] 的 token，並讓機器人以管理員身分進群。",
        "en": "the Telegram desk is shut out: {why}. Check the token of [telegram_desk], and that the bot is an"
        " admin of the group.",
    },
    "refused": {
        "zh-Hans": "Telegram 不让客服台做事：{why}。运行 kefu check 看哪里要改。",
        "zh-Hant": "Telegram 不讓客服台做事：{why}。執行 kefu check 看哪裡要改。",
        "en": "Telegram refuses the desk: {why}. Run kefu check to see what to mend.",
    },
}


def trouble(key: str, why: str) -> Trouble:
    """Something about the desk that a person has to mend."""
    return Trouble(f"telegram-desk.{key}", {language: said.format(why=why) for language, said in SAID[key].items()})
