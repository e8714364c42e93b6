"""The words of a post or comment, as people read them: without tags, entities and marks nobody sees. Pure."""

from __future__ import annotations

import html
import re
import unicodedata

TAGS = re.compile(r"</?(?:a|span|br|img)\b[^<>]{0,2000}>", re.IGNORECASE)
ICON = re.compile(r"<img\b[^<>]{0,1000}?\balt=[\"']?(\[[^\[\]<>\"']{1,20}\])[^<>]{0,1000}>", re.IGNORECASE)
BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
"""What shows nothing. The joiner of emoji (U+200D) is none of them."""
LINK = re.compile(r"https?://[!-~]{1,500}", re.ASCII)
MENTION = re.compile(r"@[\w\-·]{1,40}")
REPLY = re.compile(r"^\s{0,9}(?:回复|回覆|Reply(?: to)?)\s{0,9}@[\w\-·]{1,40}\s{0,9}[:\uff1a]?\s{0,9}", re.IGNORECASE)
EMOTE = re.compile(r"\[[^\[\]\s]{1,12}\]")
TOPIC = re.compile(r"[#\uff03]([^#\uff03\n]{1,60})[#\uff03]")
CHAIN = re.compile(r"\s{0,9}//\s{0,3}@([\w\-·]{1,40})\s{0,3}[:\uff1a]")
NOTHING = frozenset({"转发微博", "轉發微博", "转发", "轉發", "转", "轉", "repost", "分享图片", "分享圖片"})
"""What Weibo itself puts where nobody wrote anything."""


def plain(told: str) -> str:
    """Emoji that Weibo shows as pictures come back as their names, [泪]."""
    if "<" in told:
        told = TAGS.sub("", BREAK.sub("\n", ICON.sub(r"\1", told)))
    return UNSEEN.sub("", html.unescape(told)).strip()


def own(told: str) -> tuple[str, list[tuple[str, str]]]:
    """What the author of a repost wrote, and (who, words) of those he passed on, the nearest first."""
    head, *rest = CHAIN.split(told)
    return head.strip(), [(rest[n], rest[n + 1].strip()) for n in range(0, len(rest), 2)]


def bare(told: str) -> str:
    """What is left without the names it calls, links, and marks of no meaning: "" if it says nothing."""
    left = MENTION.sub(" ", LINK.sub(" ", REPLY.sub("", told)))
    left = "".join(c for c in left if unicodedata.category(c)[0] in "LNS" or c in "[]?!\uff1f\uff01")
    return "" if left.casefold() in NOTHING else left


def topics(told: str) -> list[str]:
    """Its #topics#, as they compare."""
    return [" ".join(unicodedata.normalize("NFKC", one).casefold().split()) for one in TOPIC.findall(told)]
