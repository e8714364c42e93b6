"""The desk's words: the same in every language, and none missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from bot.cases import AGREED, FIELDS, STATUSES
from bot.messages import Delivery, Kind, Status
from bot.store import judging, phone, suggestions
from channels.wechat import errors
from channels.wecom import mending
from channels.weibo import errors as weibo
from handoff.desk import words
from handoff.desk.assets import STATIC
from handoff.desk.phrases import OFFERED
from handoff.desk.suggestions import SETTLED
from handoff.desk.words import CATALOGUES, LANGUAGES
from handoff.record import TRIGGERS
from replies.triage.feelings import WISHES

OTHERS = [language for language in LANGUAGES if language != words.SOURCE]
FIELD = re.compile(r"\{\w+\}")
VERDICTS = [
    verdict
    for code, verdict in [*errors.TABLE.items(), *mending.TABLE.items(), *weibo.TABLE.items(), (0, errors.UNKNOWN)]
    if verdict.action not in (errors.Action.CLOSED, errors.Action.SPENT) and code not in (45072, 45080, 45081)
]
"""Why a network may refuse a message for good; one that waits for the customer says parked.{why}."""
UNREACHED = [
    f"{network}_{how}" for network in ("wechat", "wecom", "weibo") for how in ("cannot_be_reached", "did_not_answer")
]

CALL_REFUSED = ("no_summary", "bad_phone", "bad_at", "no_follow_up", "bad_follow_up", "bad_recording")
"""What the server says is wrong in a call that is written down (`handoff.desk.phone`)."""

CASE_REFUSED = ("no_what", "bad_due", "bad_tier")
"""The same of a complaint case (`handoff.desk.cases`)."""


def _slug(why: str) -> str:
    """As message.js makes a key of the part before the brackets."""
    return re.sub(r"[^a-z0-9]+", "_", why.partition(" (")[0].lower())


MADE_UP: dict[str, Sequence[str]] = {
    "etiquette": [
        "familiar",
        "please",
        "forbidden",
        "blame",
        "promise",
        "counter-question",
        "negative",
        "doubt",
        "sarcasm",
        "excuse",
        "levity",
        "region",
        "script",
    ],
    "delivery": list(Delivery),
    "kind": list(Kind),
    "status": list(Status),
    "trigger": list(TRIGGERS),
    "tab": ["mine", "unassigned", "all", "resolved", "abuse"],
    "empty": [
        "mine",
        "unassigned",
        "all",
        "resolved",
        "mine_text",
        "unassigned_text",
        "all_text",
        "resolved_text",
        "abuse",
        "abuse_text",
    ],
    "standing": ["none", "mine", "free", "bot", "other", "resolved"],
    "done": ["claim", "resolve", "return"],
    "action": ["claim", "resolve", "return"],
    "handoff": ["accepted", "returned", "resolved"],
    "notify": ["never", "away", "always", "saving", "saved", "failed", "bad_email", "hint"],
    "agent_mail": ["unproven", "automatic", "quoted", "empty", "used", "late", "taken", "former"],
    "unsent": ["queued", "sending"],
    "composer": [
        "reply",
        "note",
        "reply_label",
        "note_label",
        "reply_hint",
        "note_hint",
        "private_label",
        "private_hint",
    ],
    "theme": ["auto", "light", "dark"],
    "send_key": ["ctrl", "enter"],
    "help": ["j", "enter", "r", "n", "c", "t", "a", "e", "esc", "question"],
    "mail": [
        "bounced",
        "delayed",
        "given_up",
        "unclear",
        "interrupted",
        "login",
        "away",
        "address",
        "too_large",
        "refused",
        "put_off",
    ],
    "letter": ["from", "reply_to", "to", "cc", "view_whole", "view_html"],
    "parked": ["window", "quota", "passive"],
    "rating": ["1", "2", "3", "4", "5"],
    "window": ["gone", "none", "over", "spent"],
    "row": ["window_soon", "window_gone", "window_over", "window_spent"],
    "lost": ["gone", "too_large", "wrong", "expired", "unsupported"],
    "tier": list(judging.TIERS),
    "category": list(judging.CATEGORIES),
    "suggestions": [
        *(f"state_{state}" for state in suggestions.STATES),
        *(f"none_{state}" for state in suggestions.STATES),
        *(f"did_{action}" for action in SETTLED),
    ],
    "activity": ["follow", "unfollow", "subscribe", "unsubscribe", "mention", "scan", "enter"],
    "anonymous": ["wechat", "wecom", "weibo", "telegram", "phone"],
    "public": [
        *(f"mode_{way}" for way in ("reply", "private", "note")),
        *(f"lend_{situation}" for situation in OFFERED),
        *(f"status_{status.value}" for status in Status),
        "open_status",
        "open_comment",
    ],
    "call": [
        *("direction", "number", "name", "summary", "at", "minutes", "type", "tier", "result"),
        *("follow_up", "follow_up_note", "recording", "known", "others_number"),
        *(f"direction.{one}" for one in phone.DIRECTIONS),
        *(f"result.{one}" for one in phone.RESULTS),
        *(f"error.{one}" for one in CALL_REFUSED),
    ],
    "case": [
        *FIELDS,
        *(f"status.{one}" for one in STATUSES),
        *(f"agreed.{one}" for one in AGREED),
        *(f"wish.{one}" for one in WISHES),
        *(f"error.{one}" for one in CASE_REFUSED),
        *("changed", "done", "title", "edit_title", "late", "left"),
    ],
    "reason": sorted({_slug(verdict.why) for verdict in VERDICTS} | set(UNREACHED)),
}
"""Keys that scripts put together from a word of the program: delivery.{sent}."""


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_phrases_with_the_same_fields(language: str) -> None:
    source, other = CATALOGUES[words.SOURCE], CATALOGUES[language]
    assert list(source) == list(other)
    differing = [key for key in source if set(FIELD.findall(source[key])) != set(FIELD.findall(other[key]))]
    assert differing == []
    assert [key for key in other if bool(other[key]) != bool(source[key])] == []


def test_whatever_the_scripts_and_pages_say_is_there() -> None:
    said = set()
    for file in STATIC.glob("*.js"):
        text = file.read_text("utf-8")
        said |= set(re.findall(r'"((?:[a-z_]+)\.[a-z_]+)"', text)) - {"svg.icon"}
    for file in (STATIC.parent / "templates").glob("*.html"):
        said |= set(re.findall(r't\("([^"]+)"', file.read_text("utf-8")))
    said |= {f"{group}.{word}" for group, some in MADE_UP.items() for word in some}
    assert said - set(CATALOGUES[words.SOURCE]) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_of_weibos_is_not_told_as_wechats(language: str) -> None:
    told = {
        slug: CATALOGUES[language][f"reason.{slug}"]
        for slug in {_slug(one.why) for one in weibo.TABLE.values() if one in VERDICTS}
    }
    assert [words for words in told.values() if "微信" in words or "WeChat" in words or "WeCom" in words] == []


def test_no_phrase_is_left_that_nobody_says() -> None:
    text = "".join(f.read_text("utf-8") for f in [*STATIC.glob("*.js"), *(STATIC.parent / "templates").glob("*.html")])
    text += "".join(f.read_text("utf-8") for f in STATIC.parent.glob("*.py"))
    made_up = {f"{group}.{word}" for group, some in MADE_UP.items() for word in some}
    unused = [k for k in CATALOGUES[words.SOURCE] if f'"{k}"' not in text and k not in made_up]
    assert [k for k in unused if not k.startswith("channel.")] == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_customers_and_agents_are_addressed_politely(language: str) -> None:
    assert [key for key, text in CATALOGUES[language].items() if "你" in text or "妳" in text] == []


def test_traditional_is_not_simplified() -> None:
    simplified = set("会请设为这个们对转发后开关时间录览张无条选择载网络断连误务单处级权显")
    assert [key for key, text in CATALOGUES["zh-Hant"].items() if simplified & set(text)] == []


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh_SG", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"),
        ("ZH-MO", "zh-Hant"), ("en-GB", "en"), ("fr", None), ("", None),
    ],
)  # fmt: skip
def test_which_of_ours_a_language_reads(tag: str, language: str | None) -> None:
    assert words.written(tag) == language
