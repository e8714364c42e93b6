"""May a mail be answered automatically? A table; the first row that fits decides. Pure.

Whatever it says, the mail is stored and put into its conversation. The sources: RFC 3834 (what an automatic
responder owes the world), RFC 3464, 8098, 5965 (reports), 2369, 8058 (lists), MS-OXCMAIL (Exchange), and what other
desks learned from loops.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from channels.email import tokens
from channels.email.addresses import normal
from channels.email.mail import About, Mail
from channels.email.reasons import REASONS


class Sort(StrEnum):
    """What kind of mail it is."""

    OWN = "own"
    BOUNCE = "bounce"
    DELAY = "delay"
    RECEIPT = "receipt"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    AUTO_GENERATED = "auto_generated"
    LIST = "list"
    SUSPICIOUS = "suspicious"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be known besides the mail; the defaults are what is known of a mail alone.

    `own`: our addresses and aliases, as `addresses.normal` has them; `sent`: its Message-ID is of our outbox.
    `junk`: it lay in the junk folder; `dmarc_failed`: on a domain that wants such mail refused.
    `repeated`: this sender got the same template in this conversation; `acknowledged`: when he last got any, and
    `answers`: this one would say something of use (an FAQ answer).
    The rest counts automatic mails of ours: to this address, to its domain, and answers to the same text.
    """

    own: frozenset[str] = frozenset()
    secret: bytes = b""
    sent: bool = False
    junk: bool = False
    dmarc_failed: bool = False
    repeated: bool = False
    acknowledged: datetime | None = None
    answers: bool = False
    now: datetime | None = None
    hour_to_address: int = 0
    day_to_address: int = 0
    hour_to_domain: int = 0
    same_text: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`key` names the row; `said` is why no automatic answer may go out, by language.

    `reopens`: the mail counts as the customer's and wakes a conversation; `opens`: it may begin one;
    `alarm`: an operator has to hear of it, once.
    """

    key: str
    sort: Sort
    may_answer: bool = False
    reopens: bool = True
    opens: bool = True
    alarm: bool = False
    said: Mapping[str, str] | None = None


ACKNOWLEDGED_FOR = timedelta(days=7)
HOUR_TO_ADDRESS, DAY_TO_ADDRESS, HOUR_TO_DOMAIN, SAME_TEXT = 3, 5, 20, 2

AUTO_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-autoreply-from",
    "x-mail-autoreply",
)
LIST_HEADERS = ("x-loop", "list-id", "list-post", "list-unsubscribe")
SUBJECT = re.compile(
    r"\s{0,5}(?:re ?[:：] ?)?(?:\[?(?:自动回复|自动答复|自動回覆|自動回復|自動答覆|自动应答|"
    r"外出|不在办公室|休假自动回复|休假自動回覆)|"
    r"automatic(?: reply|ally generated)|auto(?:matic)?[- ]?(?:reply|response|responder)|auto:|"
    r"out[- ]of[- ](?:the[- ])?office|"
    r"ooo:|abwesenheit|automatische antwort|réponse automatique|respuesta automática|risposta automatica|"
    r"resposta automática|automatisch antwoord|autosvar|自動返信|不在通知|부재중)",
    re.IGNORECASE,
)
MACHINES = re.compile(
    r"\"?(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?(?:[-+_=].*)?|postmaster|mailer-daemon|.*-request|owner-.*|"
    r".*-owner|root|notifications?|notify|daemon|ndr|mail[-_. ]?delivery[-_. ]?(?:sub)?system|"
    r"system[-_. ]?administrator|[a-z0-9_.-]{0,64}smtp[a-z0-9_.-]{0,64})\\?\"?(?:\+.*)?$",
    re.IGNORECASE,
)
RETURNED = re.compile(
    r"\s{0,5}(?:undelivered mail returned to sender|undeliverable(?: mail| message)?|returned mail|"
    r"(?:e?-?mail|message) (?:delivery (?:failed|failure|warning|error|delayed)|could not be delivered)|"
    r"delivery (?:status notification|failure(?: notification)?|has failed)|failure notice|"
    r"(?:系统|系統)退信|退信(?:通知)?|来自.{1,60}的退信|(?:邮件|郵件)?(?:投递|投遞|发送|傳送)(?:失败|失敗)(?:通知)?|"
    r"(?:未送达|未送達|未传递|未傳遞|无法送达|無法傳遞|无法传递)(?:的?邮件|的?郵件)?) ?(?:$|[:：(（-])",
    re.IGNORECASE,
)
"""What mail systems of old, and some of today, call what they could not deliver: their reports are in no known form.
Whole subjects, or what stands before a colon: people write about deliveries, too."""
SUPPRESSED = re.compile(r"\b(?:all|oof|autoreply)\b", re.IGNORECASE)


# ---- the tests ------------------------------------------------------------------------------------------------------


def _own(mail: Mail, standing: Standing) -> bool:
    looped = any(tokens.of_loop(standing.secret, value) for value in mail.headers.each("x-kefu-loop"))
    return looped or standing.sent or normal(mail.sender.email) in standing.own


def _bounce(mail: Mail, standing: Standing) -> bool:
    return mail.report is not None and mail.report.about is About.DELIVERY and not mail.report.delayed


def _delay(mail: Mail, standing: Standing) -> bool:
    return mail.report is not None and mail.report.about is About.DELIVERY and mail.report.delayed


def _receipt(mail: Mail, standing: Standing) -> bool:
    return mail.report is not None and mail.report.about is About.DISPOSITION


def _complaint(mail: Mail, standing: Standing) -> bool:
    return mail.report is not None and mail.report.about is About.ABUSE


def _bounce_like(mail: Mail, standing: Standing) -> bool:
    daemon = "mailer-daemon" in (mail.sender.local, mail.sender.email.lower())
    return mail.envelope == "" or daemon or bool(RETURNED.match(mail.subject))


def _auto_submitted(mail: Mail) -> str:
    return mail.headers.first("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()


def _auto_replied(mail: Mail, standing: Standing) -> bool:
    return _auto_submitted(mail) == "auto-replied"


def _auto_generated(mail: Mail, standing: Standing) -> bool:
    return _auto_submitted(mail) not in ("", "no")


def _auto_header(mail: Mail, standing: Standing) -> bool:
    qq = mail.headers.first("x-qq-auto-reply").strip().lower() not in ("", "false", "0", "no")
    told = " ".join(_precedence(mail))
    by_envelope = bool(mail.envelope and re.match(r"[^@]{1,100}\+auto_=", mail.envelope))
    return qq or by_envelope or "auto_reply" in told or "auto-reply" in told or mail.headers.has(*AUTO_HEADERS)


def _precedence(mail: Mail) -> list[str]:
    return [v.strip().lower() for name in ("precedence", "x-precedence") for v in mail.headers.each(name)]


def _list(mail: Mail, standing: Standing) -> bool:
    return mail.headers.has(*LIST_HEADERS) or any(told in ("bulk", "junk", "list") for told in _precedence(mail))


def _auto_subject(mail: Mail, standing: Standing) -> bool:
    return bool(SUBJECT.match(mail.subject))


def _suppressed(mail: Mail, standing: Standing) -> bool:
    wishes = mail.headers.each("x-auto-response-suppress")
    return any(map(SUPPRESSED.search, wishes)) or mail.headers.has("x-ms-exchange-inbox-rules-loop")


def _machine(mail: Mail, standing: Standing) -> bool:
    return bool(MACHINES.match(mail.sender.local or mail.sender.email.lower()))


def _unnamed(mail: Mail, standing: Standing) -> bool:
    named = {normal(one) for one in (*(a.email for a in (*mail.to, *mail.cc)), *mail.delivered_to)}
    return bool(standing.own) and not named & standing.own


def _suspicious(mail: Mail, standing: Standing) -> bool:
    return standing.junk or standing.dmarc_failed


def _nobody(mail: Mail, standing: Standing) -> bool:
    return "@" not in mail.sender.email


def _told_before(mail: Mail, standing: Standing) -> bool:
    if standing.repeated:
        return True
    before, now = standing.acknowledged, standing.now
    return before is not None and now is not None and now - before < ACKNOWLEDGED_FOR and not standing.answers


def _breaker(mail: Mail, standing: Standing) -> bool:
    return (
        standing.hour_to_address >= HOUR_TO_ADDRESS
        or standing.day_to_address >= DAY_TO_ADDRESS
        or standing.hour_to_domain >= HOUR_TO_DOMAIN
        or standing.same_text >= SAME_TEXT
    )


# ---- the table ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A row. `number` is the rule's; a rule that tells several kinds of mail apart is several rows."""

    number: int
    key: str
    sort: Sort
    fits: Callable[[Mail, Standing], bool]
    reopens: bool = True
    opens: bool = True
    alarm: bool = False


ROWS: tuple[Row, ...] = (
    Row(1, "own", Sort.OWN, _own, reopens=False, opens=False),
    Row(2, "delay", Sort.DELAY, _delay, reopens=False),
    Row(2, "bounce", Sort.BOUNCE, _bounce, reopens=False),
    Row(3, "receipt", Sort.RECEIPT, _receipt, reopens=False),
    Row(3, "complaint", Sort.COMPLAINT, _complaint, reopens=False),
    Row(5, "auto_replied", Sort.AUTO_REPLY, _auto_replied, reopens=False),
    Row(5, "auto_generated", Sort.AUTO_GENERATED, _auto_generated, reopens=False),
    Row(6, "auto_header", Sort.AUTO_REPLY, _auto_header, reopens=False),
    Row(7, "list", Sort.LIST, _list),
    Row(8, "auto_subject", Sort.AUTO_REPLY, _auto_subject, reopens=False),
    # Behind them: a good holiday responder writes from <>, too (RFC 3834 3.3), and its mail must wake nobody.
    Row(4, "bounce_like", Sort.AUTO_GENERATED, _bounce_like),
    Row(9, "suppressed", Sort.HUMAN, _suppressed),
    Row(10, "machine", Sort.AUTO_GENERATED, _machine),
    Row(11, "unnamed", Sort.HUMAN, _unnamed),
    Row(12, "suspicious", Sort.SUSPICIOUS, _suspicious),
    Row(12, "nobody", Sort.SUSPICIOUS, _nobody),
    Row(13, "told_before", Sort.HUMAN, _told_before),
    Row(14, "breaker", Sort.HUMAN, _breaker, alarm=True),
)


def verdict(mail: Mail, standing: Standing | None = None) -> Verdict:
    """What the table says."""
    known = standing or Standing()
    row = next((row for row in ROWS if row.fits(mail, known)), None)
    if row is None:
        return Verdict("human", Sort.HUMAN, may_answer=True)
    return Verdict(row.key, row.sort, False, row.reopens, row.opens, row.alarm, REASONS[row.key])
