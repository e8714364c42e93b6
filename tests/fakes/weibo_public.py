"""What is said on Weibo in public: posts and comments, the three lists of what concerns the account, and its answers.

Lists are newest first, `since_id` and `max_id` bound them, and every call counts against the day.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.server import Answer, Call, Handler, Refusal, Sent, control
from tests.fakes.weibo_world import World, form, query

TO_ME = "/api/2/comments/to_me.json"
COMMENT_MENTIONS = "/api/2/comments/mentions.json"
STATUS_MENTIONS = "/api/2/statuses/mentions.json"
CREATE, REPLY = "/api/2/comments/create.json", "/api/2/comments/reply.json"
SHOW_BATCH = "/api/2/comments/show_batch.json"
LISTED = frozenset({"since_id", "max_id", "count", "page", "filter_by_author", "filter_by_source", "filter_by_type"})
FIRST = 5_300_000_000_000_000_000
"""Ids of today do not fit the 53 bits of a double."""
DELETED = "抱歉，此微博已被作者删除。查看帮助：http://t.cn/RfFsJV"
MOST = 280
"""Half-widths of a comment: 140 汉字."""


@dataclass(slots=True)
class Post:
    """A status, or a comment (`under` is its status then)."""

    id: int
    author: str
    text: str
    at: float
    under: int = 0
    answers: int = 0
    passes_on: int = 0
    deleted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


class Square(World):
    """Everything that was said in public."""

    def __init__(self, *, names_us: str = "小店客服", clock: Callable[[], float] = time.time, **more: Any) -> None:
        self.names_us = names_us
        self.posts: dict[int, Post] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.closed: set[int] = set()
        """Posts whose authors let nobody comment."""
        self._next = FIRST
        super().__init__(clock=clock, **more)

    def public_handlers(self) -> dict[str, tuple[str, Handler]]:
        return {
            TO_ME: ("GET", self._to_me),
            COMMENT_MENTIONS: ("GET", self._comment_mentions),
            STATUS_MENTIONS: ("GET", self._status_mentions),
            SHOW_BATCH: ("GET", self._show_batch),
            CREATE: ("POST", self._create),
            REPLY: ("POST", self._reply_comment),
        }

    # -- what people do --------------------------------------------------------------------------------------------

    @control
    def post(self, author: str, text: str, passes_on: int = 0, **extra: Any) -> int:
        """Somebody posts, or passes a post on; its id."""
        return self._add(Post(self._id(), author, text, self.now(), passes_on=passes_on, extra=extra))

    @control
    def comment(self, author: str, under: int, text: str, answers: int = 0, **extra: Any) -> int:
        """Somebody comments on a post, or answers a comment; its id."""
        return self._add(Post(self._id(), author, text, self.now(), under, answers, extra=extra))

    @control
    def person(self, uid: str, **told: Any) -> None:
        """What is known of somebody: screen_name, followers_count, verified…"""
        self.people[uid] = told

    @control
    def delete(self, post: int) -> None:
        self.posts[post].deleted = True

    @control
    def close_comments(self, post: int) -> None:
        self.closed.add(post)

    @control
    def answers(self, post: int) -> list[str]:
        """What the account said under a post."""
        return [one.text for one in self.posts.values() if one.under == post and one.author == self.uid]

    def _id(self) -> int:
        self._next += 7
        return self._next

    def _add(self, post: Post) -> int:
        self.posts[post.id] = post
        return post.id

    # -- the lists -------------------------------------------------------------------------------------------------

    def _to_me(self, call: Call) -> Answer:
        def mine(one: Post) -> bool:
            above = self.posts.get(one.answers)
            return self.posts[one.under].author == self.uid or (above is not None and above.author == self.uid)

        return self._list(call, "comments", lambda one: bool(one.under) and mine(one))

    def _comment_mentions(self, call: Call) -> Answer:
        return self._list(call, "comments", lambda one: bool(one.under) and self._names(one))

    def _status_mentions(self, call: Call) -> Answer:
        return self._list(call, "statuses", lambda one: not one.under and self._names(one))

    def _names(self, one: Post) -> bool:
        told = f"@{self.names_us}"
        passed = self.posts.get(one.passes_on)
        return told in one.text or (passed is not None and (passed.author == self.uid or told in passed.text))

    def _list(self, call: Call, name: str, wanted: Callable[[Post], bool]) -> Answer:
        told = query(call, frozenset(), LISTED)
        self.authorise(told)
        self.budget()
        since, most, count = (_number(told, key, default) for key, default in _BOUNDS)
        if not 1 <= count <= 200:
            raise Refusal(10017, "count")
        found = [one for one in self.posts.values() if wanted(one) and one.author != self.uid and one.id > since]
        found = sorted((one for one in found if not most or one.id <= most), key=lambda one: -one.id)
        listed = found[:count]
        shown = [self._status(one) if name == "statuses" else self._comment(one) for one in listed]
        following = found[count].id if len(found) > count else 0
        return {name: shown, "previous_cursor": 0, "next_cursor": following, "total_number": len(found)}

    def _show_batch(self, call: Call) -> Answer:
        told = query(call, {"cids"})
        self.authorise(told)
        self.budget()
        asked = [int(one) for one in told["cids"].split(",")]
        return {"comments": [self._comment(self.posts[one]) for one in asked if one in self.posts]}

    def _status(self, one: Post) -> dict[str, Any]:
        if one.deleted:
            return {"created_at": self._when(one), "id": one.id, "idstr": str(one.id), "text": DELETED, "deleted": "1"}
        passed = self.posts.get(one.passes_on)
        return {
            "created_at": self._when(one),
            "id": one.id,
            "mid": str(one.id),
            "idstr": str(one.id),
            "text": one.text,
            "source": '<a href="http://app.weibo.com/t/feed/9ksdit" rel="nofollow">iPhone客户端</a>',
            "user": self._user(one.author),
            "pic_urls": [],
            "reposts_count": 0,
            "isLongText": False,
            **({"retweeted_status": self._status(passed)} if passed is not None else {}),
            **one.extra,
        }

    def _comment(self, one: Post) -> dict[str, Any]:
        above = self.posts.get(one.answers)
        return {
            "created_at": self._when(one),
            "id": one.id,
            "idstr": str(one.id),
            "mid": str(one.id),
            "text": one.text,
            "source": "微博 weibo.com",
            "user": self._user(one.author),
            "status": self._status(self.posts[one.under]),
            **({"reply_comment": self._comment(above)} if above is not None else {}),
            **one.extra,
        }

    def _user(self, uid: str) -> dict[str, Any]:
        known = {"screen_name": f"用户{uid[-4:]}", "followers_count": 12, "verified": False, "verified_type": -1}
        return {"id": int(uid), "idstr": uid, "description": "", **known, **self.people.get(uid, {})}

    def _when(self, one: Post) -> str:
        return time.strftime("%a %b %d %H:%M:%S +0800 %Y", time.gmtime(one.at + 8 * 3600))

    # -- what the account says ---------------------------------------------------------------------------------------

    def _create(self, call: Call) -> Answer:
        told = self._may(call, {"id", "comment"}, {"comment_ori", "rip"})
        return self._take(call, told, 0)

    def _reply_comment(self, call: Call) -> Answer:
        told = self._may(call, {"id", "cid", "comment"}, {"without_mention", "comment_ori", "rip"})
        above = self.posts.get(_number(told, "cid", 0))
        if above is None or above.deleted or above.under != _number(told, "id", 0):
            raise Refusal(20201)
        return self._take(call, told, above.id)

    def _may(self, call: Call, needed: Set[str], allowed: Set[str]) -> dict[str, str]:
        told = form(call, needed, allowed)
        self.authorise(told)
        self.budget()
        return told

    def _take(self, call: Call, told: dict[str, str], above: int) -> Answer:
        under, text = self.posts.get(_number(told, "id", 0)), told["comment"]
        if under is None or under.deleted or under.under:
            raise Refusal(20101)
        if under.id in self.closed:
            raise Refusal(20206)
        if sum(1 if ord(c) < 128 else 2 for c in text) > MOST:
            raise Refusal(20012)
        lately = [one for one in self.posts.values() if one.author == self.uid and self.now() - one.at < 3600]
        if any(one.text == text and one.under == under.id for one in lately):
            raise Refusal(20111)
        said = self._add(Post(self._id(), self.uid, text, self.now(), under.id, above))
        to = self.posts[above].author if above else under.author
        self.sent.append(Sent(call.path, to, "text", {"text": {"content": text}}, self.now()))
        return self._comment(self.posts[said])


_BOUNDS = (("since_id", 0), ("max_id", 0), ("count", 50))


def _number(told: dict[str, str], name: str, default: int) -> int:
    written = told.get(name, str(default))
    if not re.fullmatch(r"\d{1,19}", written):
        raise Refusal(10017, name)
    return int(written)
