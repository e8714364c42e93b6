"""Agents answer by mail: what such a mail says to the customer, and whether anybody may believe it. Pure.

Only what stands above our line goes out: below it stand the customer's words and what colleagues noted about him.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.messages import AgentReply, Attachment, Incoming
from channels.email import quotes, tokens
from channels.email.authentication import Authentication
from channels.email.autoreply import Sort, Verdict
from channels.email.mail import Mail
from channels.email.threading import ids

LINE = "##- 请在此行以上回复 · 請在此行以上回覆 · Please write your answer above this line -##"
"""The first line of a mail to an agent. Never change it: mails that were sent wait for answers."""
HERE = re.compile(r"##- ?请")
OURS = re.compile(r"/desk/c/\d{1,18}\b|##-|-##|<kfn\.\d")
"""What only our mail says: where it is left in an answer, quotes were not told apart from it."""
PEOPLE = frozenset({Sort.HUMAN, Sort.SUSPICIOUS})


def number(mail: Mail, secret: bytes) -> int | None:
    """The notification a mail answers; None for any other mail."""
    found = (tokens.of_notification_id(secret, one) for one in ids(mail))
    return next((one for one in found if one is not None), None)


def answer(
    mail: Mail, notification: int, verdict: Verdict, vouched: Authentication, files: Sequence[Attachment] = (),
    stranger: Incoming | None = None,
) -> AgentReply:  # fmt: skip
    """The mail as an agent's answer. `refused`: automatic, unproven (no server we trust vouches for the sender), quoted
    (what it quotes could not be told apart), empty. `stranger`: the same mail as anybody's."""
    text = said(mail)
    return AgentReply(
        external_id=mail.message_id or f"raw:{mail.sha256}",
        notification=notification,
        email=mail.sender.email.lower(),
        text=text,
        attachments=tuple(files),
        refused=_refused(text, verdict, vouched, files),
        stranger=stranger,
    )


def said(mail: Mail) -> str:
    """What is for the customer: the new text above our line, without attribution and signature."""
    lines = mail.body.split("\n")
    at = next((n for n, line in enumerate(lines) if HERE.search(line)), None)
    if at is None:
        return mail.new_text
    above = lines[:at]
    return quotes.new_text([*above, f"> {LINE}"]) if any(line.strip(" >\t") for line in above) else ""


def _refused(text: str, verdict: Verdict, vouched: Authentication, files: Sequence[Attachment]) -> str:
    if verdict.sort not in PEOPLE:
        return "automatic"
    if not vouched.proven or verdict.sort is Sort.SUSPICIOUS:
        return "unproven"
    if OURS.search(text):
        return "quoted"
    return "" if text.strip() or files else "empty"
