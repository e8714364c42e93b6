"""What is said in public – posts that name us, comments that do, comments under our posts – read into Incoming. Pure.

Source: open.weibo.com/wiki: 2/statuses/mentions, 2/comments/mentions, 2/comments/to_me, 常见返回对象数据结构.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.errors import PayloadError
from bot.messages import Attachment, Incoming, Kind
from channels.weibo import words
from channels.weibo.fields import ident, moment, number, text
from channels.weibo.inbound import mentioned
from channels.weibo.places import link, thread
from channels.weibo.spam import Account, Fate, Seen, judge

Item = Mapping[str, Any]

AROUND = 10
LONG = 2_000
"""Characters kept of what stands around, and of an item that cannot be read."""
BUSINESS = range(1, 8)
"""`verified_type` of offices, companies, media and the like; 0 is a known person, -1 nobody special."""
GONE = re.compile(
    r"^(?:抱歉|该|該|此)[,\uff0c]?(?:此|该|該)?(?:微博|评论|評論|內容|内容)已(?:经|經)?被(?:作者)?(?:删除|刪除)"
)
MYRIADS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
COUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,4})\d{0,9})?\s?([万萬亿億])\+?")
SIZE = re.compile(r"(?<=sinaimg\.cn/)[a-z0-9]{1,20}(?=/)")


@dataclass(frozen=True, slots=True)
class Read:
    """What a page says, oldest first. `ids`: of every item that has one, also of those nobody hears."""

    heard: tuple[Incoming, ...]
    ids: tuple[int, ...]
    ignored: tuple[str, ...] = ()
    """The rules that kept something away."""


def page(told: Item, name: str, us: Account, *, mention: bool, now: datetime, hours: int) -> Read:
    """The items under `name` (statuses, comments). `mention`: they name us, which allows one private message within
    `hours`. PayloadError if there is no such list."""
    items = told.get(name)
    if not isinstance(items, list):
        raise PayloadError(f"the answer has no list of {name}")
    heard: list[Incoming] = []
    ignored: list[str] = []
    for item in sorted(items, key=_place):
        one, rule = (status if name == "statuses" else comment)(item, us)
        if one is None:
            ignored.append(rule)
            continue
        heard.append(one)
        if mention and one.kind is not Kind.OTHER and (once := _once(one, now, hours)) is not None:
            heard.append(once)
    found = [ident(one, "idstr", "id", "mid") for one in items if isinstance(one, Mapping)]
    return Read(tuple(heard), tuple(int(one) for one in found if 0 < len(one) <= 19), tuple(ignored))


def pushed(told: Sequence[Incoming], us: Account) -> list[Incoming]:
    """What a push tells, by the same rules, as far as it tells enough to judge: what is for nobody is not heard, and
    what is doubtful wakes nobody."""
    judged: list[Incoming] = []
    for one in told:
        fate = Fate.HEARD
        if one.public:
            said, _ = words.own(words.plain(one.text))
            fate, _ = judge(Seen(one.sender, said or one.text), us)
        if fate is Fate.IGNORED:
            return []
        judged.append(replace(one, wakes=False) if fate is Fate.DOUBTFUL else one)
    return judged


def _place(item: Any) -> int:
    return int(ident(item, "idstr", "id", "mid") or 0) if isinstance(item, Mapping) else 0


def _once(one: Incoming, now: datetime, hours: int) -> Incoming | None:
    """The private message it allows, if the time for that is not over."""
    rest = timedelta(hours=hours) - (now - one.sent_at if one.sent_at and one.sent_at < now else timedelta())
    return mentioned(one.external_id, one.sender, one.sent_at, rest) if rest > timedelta() else None


# ---- one of them --------------------------------------------------------------------------------------------------


def status(item: Any, us: Account) -> tuple[Incoming | None, str]:
    """A post, or none and the rule that says why."""
    post, author = ident(item, "idstr", "id", "mid"), _user(item)
    uid = ident(author, "idstr", "id")
    if not isinstance(item, Mapping) or not post or not uid or not isinstance(item.get("text"), str):
        return (None, "deleted") if _gone(item) else (raw(item), "")
    passed = item.get("retweeted_status")
    told, chain = words.own(words.plain(text(item, "text")))
    pictures = _pictures(item)
    around = [_quote(passed, us)] if isinstance(passed, Mapping) else []
    around += [_said(who, said) for who, said in reversed(chain)]
    about = ident(_user(passed), "idstr", "id")
    seen = Seen(uid, told, isinstance(passed, Mapping), about, _business(author), len(pictures))
    told = told or words.plain(text(item, "text"))
    place = _Place("status", post, post, link(uid, post), _gone(item), _cut(item, told))
    return _incoming(item, us, seen, told, place, around, pictures, _subject(passed, post))


def comment(item: Any, us: Account) -> tuple[Incoming | None, str]:
    """A comment, or none and the rule that says why."""
    number_, author, under = ident(item, "idstr", "id", "mid"), _user(item), _under(item)
    uid, root = ident(author, "idstr", "id"), ident(under, "idstr", "id", "mid")
    if not isinstance(item, Mapping) or not (number_ and uid and root) or not isinstance(item.get("text"), str):
        return (None, "deleted") if _gone(item) else (raw(item), "")
    told, chain = words.own(words.plain(text(item, "text")))
    pictures = _pictures(item)
    above = item.get("reply_comment")
    around = [_quote(under, us), *([_quote(above, us)] if isinstance(above, Mapping) else [])]
    around += [_said(who, said) for who, said in reversed(chain)]
    owner = ident(_user(under), "idstr", "id")
    seen = Seen(uid, told, False, owner, _business(author), len(pictures))
    if owner == uid and not words.bare(told):
        told = (
            f"{told}\n{words.plain(text(under, 'text'))}".strip()
        )  # he calls us to his own post: that is what he says
    place = _Place("comment", number_, root, link(owner, root), _gone(item) or _gone(under), False)
    return _incoming(item, us, seen, told, place, around, pictures, _subject(under.get("retweeted_status"), root))


def raw(item: Any) -> Incoming:
    """What cannot be read, for a person to judge. Who wrote it is told where that much is clear."""
    whole = json.dumps(item, ensure_ascii=False, default=str, sort_keys=True)
    digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:32]
    known = item if isinstance(item, Mapping) else {}
    sender = ident(_user(known), "idstr", "id") or "unknown"
    root = ident(_under(known), "idstr", "id", "mid") or ident(known, "idstr", "id", "mid") or digest
    return Incoming(
        external_id=f"raw:{digest}",
        sender=sender,
        text=words.plain(text(known, "text"))[:LONG],
        kind=Kind.OTHER,
        thread=thread(root, sender),
        sender_name=_name(_user(known)),
        sent_at=moment(text(known, "created_at")),
        extra={"raw": whole[: LONG * 2]},
        wakes=sender != "unknown",
        public=True,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    kind: str
    id: str
    root: str
    link: str
    deleted: bool
    long: bool


def _incoming(
    item: Item, us: Account, seen: Seen, told: str, place: _Place, around: Sequence[Mapping[str, Any]],
    pictures: Sequence[Attachment], subject: str,
) -> tuple[Incoming | None, str]:  # fmt: skip
    fate, rule = judge(seen, us)
    if fate is Fate.IGNORED:
        return None, rule
    author = _user(item)
    public = {
        "kind": place.kind,
        "id": place.id,
        "root": place.root,
        "link": place.link,
        "author": {
            "name": _name(author),
            "followers": count(author, "followers_count"),
            "verified": author.get("verified") in (True, 1, "1", "true"),
            "description": words.plain(text(author, "verified_reason") or text(author, "description"))[:LONG],
        },
        "around": list(around)[-AROUND:],
        "long": place.long,
        "deleted": place.deleted,
    }
    doubt = {"doubt": rule} if fate is Fate.DOUBTFUL else {}
    return (
        Incoming(
            external_id=f"{place.kind}:{place.id}",
            sender=seen.author,
            text=told,
            kind=Kind.IMAGE if pictures and not told else Kind.TEXT,
            attachments=tuple(pictures),
            thread=thread(place.root, seen.author),
            sender_name=_name(author),
            sent_at=moment(text(item, "created_at")),
            extra={"public": public, "source": words.plain(text(item, "source"))[:100], "post": subject, **doubt},
            handle=f"{place.kind}:{place.id}",
            wakes=fate is Fate.HEARD and not (place.deleted and place.kind == "status"),
            public=True,
        ),
        rule,
    )


def _subject(passed: Any, root: str) -> str:
    """The post all this is about: the first one of what was passed on."""
    return ident(passed, "idstr", "id", "mid") or root if isinstance(passed, Mapping) else root


def _user(item: Any) -> Mapping[str, Any]:
    user = item.get("user") if isinstance(item, Mapping) else None
    return user if isinstance(user, Mapping) else {}


def _under(item: Any) -> Mapping[str, Any]:
    under = item.get("status") if isinstance(item, Mapping) else None
    return under if isinstance(under, Mapping) else {}


def _name(user: Item) -> str:
    return words.plain(text(user, "screen_name") or text(user, "name"))[:100]


def _business(user: Item) -> bool:
    return text(user, "verified_type").isdigit() and number(user, "verified_type") in BUSINESS


def _gone(item: Any) -> bool:
    if not isinstance(item, Mapping):
        return False
    return text(item, "deleted") in ("1", "true") or item.get("deleted") is True or bool(GONE.match(text(item, "text")))


def _cut(item: Item, told: str) -> bool:
    return item.get("isLongText") in (True, 1, "1", "true") or told.endswith(("...全文", "…全文", "... 展开全文"))


def _quote(item: Item, us: Account) -> dict[str, Any]:
    """Something that stands around: a post, or the comment that was answered."""
    uid, at = ident(_user(item), "idstr", "id"), moment(text(item, "created_at"))
    post = "reply_comment" not in item and "status" not in item
    place = link(uid, ident(item, "mid", "idstr", "id")) if post and "mid" in item and "reposts_count" in item else ""
    return {**_said(_name(_user(item)), words.plain(text(item, "text"))), "at": at.isoformat() if at else "",
            "link": place, "ours": uid == us.uid}  # fmt: skip


def _said(who: str, told: str) -> dict[str, Any]:
    return {"who": who, "text": told[:LONG], "at": "", "link": "", "ours": False}


def count(told: Any, *path: str) -> int:
    """A number of people, also as Weibo writes large ones: 1.2万."""
    written = text(told, *path).replace(",", "").strip()
    if (m := COUNT.fullmatch(written)) is None:
        return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else 0
    whole, part, unit = m[1], m[2] or "", MYRIADS[m[3]]
    return int(whole) * unit + int(int(part or 0) * unit / 10 ** len(part))


def _pictures(item: Item) -> list[Attachment]:
    """Its pictures, in full size where the address tells how."""
    listed = item.get("pic_urls")
    found = [text(one, "thumbnail_pic") or text(one, "url") for one in listed] if isinstance(listed, list) else []
    found = [one for one in found if one] or [text(item, "original_pic") or text(item, "pic", "url")]
    addresses = dict.fromkeys(_large(one) for one in found[:18] if one.startswith(("http://", "https://")))
    return [
        Attachment(Kind.IMAGE, f"{n}.jpg", "image/jpeg", url=address)
        for n, address in enumerate(addresses, 1)
        if len(address) <= 500
    ]


def _large(address: str) -> str:
    """Sina's hosts have every picture in several sizes, and speak TLS."""
    if ".sinaimg.cn/" not in address:
        return address
    return SIZE.sub("large", "https://" + address.partition("://")[2], count=1)


def incident(one: Incoming, key: str) -> Incoming:
    """The same, as part of what many talk about."""
    return replace(one, incident=key)
