"""What happened in a conversation, as few messages for its topic. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from bot.lent import Event
from handoff.telegram_desk import cards
from handoff.telegram_desk.cards import Buttons
from handoff.telegram_desk.measure import MOST_CAPTION, MOST_TEXT, cut, one_line, pieces, units
from handoff.telegram_desk.words import Words

FAULTS = frozenset({"failed", "unknown", "expired"})
ARRIVED = frozenset({"sent", "delivered", "read"})
FIRST_TEXTS, FIRST_FILES = 3, 4
"""Messages and files that a topic begins with; what is older stands in the web desk."""
QUOTE = 80
SIGNS = {"customer": "👤", "bot": "🤖", "agent": "💬", "system": "⚙️"}


@dataclass(frozen=True, slots=True)
class Post:
    """One message into a topic: words, or a file with words under it; `reply_to` is a message there (0: none).

    Once it stands there, the log is shown up to the seq `upto`, and `parts` posts of the event after that (0 and 0:
    that cannot be said of it).
    """

    text: str = ""
    file: Mapping[str, Any] | None = None
    buttons: Buttons = field(default_factory=list)
    reply_to: int = 0
    upto: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """`arrived`: messages of agents, written there, that reached their network."""

    posts: tuple[Post, ...] = ()
    arrived: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """What is to be told: the events after what is shown; `about` the messages that reports name, by seq. `fresh`:
    the topic is new and shows nothing yet; `cut`: some of it is left out. `chat`: where agents write."""

    events: tuple[Event, ...]
    about: Mapping[int, Mapping[str, Any]]
    chat: int
    url: str
    fresh: bool = False
    cut: bool = False


def written_here(cid: object, chat: int) -> int:
    """The number of the message in the group that this is, if it was written in its topic; else 0."""
    kind, _, rest = str(cid or "").partition(":")
    place, _, number = rest.partition(":")
    return int(number) if kind == "tg" and place == str(chat) and number.isdigit() else 0


def tell(log: Log, words: Words, zone: tzinfo) -> Told:
    """The messages to post, in order."""
    teller = _Teller(log, words, zone)
    for event in log.events:
        if log.fresh or event.t != "attachment" or event.d["seq"] not in teller.shown:
            teller.hear(event)
    posts = teller.posts()
    if log.fresh:
        posts = _shortened(posts, cut_before=log.cut, more=words("more", url=log.url))
    elif log.cut:
        posts = [Post(words("more", url=log.url)), *posts]
    return Told(tuple(posts), tuple(dict.fromkeys(teller.arrived)))


def _shortened(posts: list[Post], *, cut_before: bool, more: str) -> list[Post]:
    """The end of a long story."""
    texts = [n for n, post in enumerate(posts) if post.file is None]
    files = [n for n, post in enumerate(posts) if post.file is not None]
    kept = {*texts[-FIRST_TEXTS:], *files[-FIRST_FILES:]}
    left = [post for n, post in enumerate(posts) if n in kept]
    return [Post(more), *left] if cut_before or len(left) < len(posts) else left


class _Teller:
    """Gathers lines under who said them, and breaks where a file or a word about one message stands."""

    def __init__(self, log: Log, words: Words, zone: tzinfo) -> None:
        self._log, self._words, self._zone = log, words, zone
        self._text = ""
        self._kind_before = ""
        self._now = 0
        self._posts: list[Post] = []
        self._heard = self._latest = 0
        self._parts = 0
        self.shown: set[int] = set()
        self.arrived: list[int] = []
        self._by: Mapping[str, Callable[[Event], None]] = {
            "message": self._message,
            "status": self._status,
            "delivery": self._delivery,
            "attachment": self._attachment,
            "recall": self._recall,
            "aside": self._aside,
            "rating": self._rating,
            "handoff": self._handoff,
            "case": self._case,
            "judgement": self._judgement,
            "agent_mail": self._agent_mail,
            "poison": self._poison,
        }

    def hear(self, event: Event) -> None:
        """An event of a kind nobody knows here is nothing to tell."""
        found, before, self._parts = self._by.get(event.t), len(self._posts), 0
        self._now = event.seq
        if found is not None:
            found(event)
        self._heard = event.seq
        if len(self._posts) > before and not self._text:
            self._posts[-1] = replace(self._posts[-1], upto=event.seq, parts=0)

    def posts(self) -> list[Post]:
        self._flush()
        return self._posts

    # ---- lines ----------------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        if self._text:
            posts = [Post(piece) for piece in pieces(self._text, MOST_TEXT)]
            self._parts += len(posts) if self._latest > self._heard else 0
            self._posts += [*posts[:-1], replace(posts[-1], upto=self._heard, parts=self._parts)]
        self._text = self._kind_before = ""

    def _line(self, line: str, head: str = "", *, kind: str = "") -> None:
        """A line; under a heading, unless the one before is of the same kind and has it already."""
        kind = kind or head
        again = bool(self._text) and kind == self._kind_before
        said = f"{head}\n{line}" if head and not again else line
        between = "\n" if again else "\n\n" if self._text else ""
        if units(self._text) + units(between) + units(said) > MOST_TEXT:
            self._flush()
            said, between = (f"{head}\n{line}" if head else line), ""
        self._text += between + said
        self._kind_before, self._latest = kind, self._now

    def _happened(self, name: str, /, **values: object) -> None:
        self._line(f"— {self._words(name, **values)}", kind="—")

    def _apart(self, post: Post) -> None:
        self._flush()
        self._parts += 1
        self._posts.append(replace(post, upto=self._heard, parts=self._parts))

    # ---- messages -------------------------------------------------------------------------------------------------

    def _message(self, event: Event) -> None:
        d = event.d
        number = written_here(d.get("cid"), self._log.chat)
        if number and d["delivery"] in ARRIVED:
            self.arrived.append(number)
        if (number and not self._log.fresh) or (d["kind"] == "event" and not d["text"]):
            return
        self.shown.add(event.seq)
        head = self._speaker(d)
        if d["recalled"]:
            self._line(self._words("recalled"), head)
        elif d["text"] or not d["attachments"]:
            self._line(d["text"] or f"[{self._kind(d['kind'])}]", head)
        if not d["recalled"]:
            self._files(d, head)

    def _kind(self, kind: str) -> str:
        return self._words.known(f"kind.{kind}", kind)

    def _speaker(self, d: Mapping[str, Any]) -> str:
        called = one_line(d["name"] or "") or self._words(f"author.{d['author']}")
        note = f" · {self._words('note')}" if d["note"] else ""
        sign = "📝" if d["note"] else SIGNS.get(d["author"], "•")
        at = datetime.fromisoformat(d["at"]).astimezone(self._zone)
        return f"{sign} {cut(called, QUOTE)}{note} {at:%H:%M}"

    def _files(self, d: Mapping[str, Any], head: str) -> None:
        """Files go out together, once all of them are there."""
        files = d["attachments"]
        waiting = [f for f in files if not f.get("key") and not f.get("error")]
        for file in files:
            if file.get("key") and not waiting:
                self._apart(Post(cut(head, MOST_CAPTION), file=file))
            elif not file.get("key"):
                called = self._kind(file["kind"])
                fate = "file.lost" if file.get("error") else "file.waiting"
                if file.get("error") or not file.get("url"):
                    self._line(self._words(fate, kind=called, name=one_line(file.get("name") or "")), head)
                else:
                    self._line(f"[{called}] {file['url']}", head)

    def _attachment(self, event: Event) -> None:
        said = self._log.about.get(event.d["seq"])
        if said is None or event.d["seq"] in self.shown:
            return
        if all(f.get("key") or f.get("error") for f in said["attachments"]):
            self.shown.add(event.d["seq"])
            self._files(said, self._speaker(said))

    def _recall(self, event: Event) -> None:
        said = self._log.about.get(event.d["seq"])
        text = "" if said is None else cut(one_line(said["text"]), QUOTE)
        self._happened("customer.recalled", text=text)

    # ---- what became of it ----------------------------------------------------------------------------------------

    def _status(self, event: Event) -> None:
        who = event.d.get("agent")
        if who is not None:
            self._happened("status.taken", name=cards.agent(who))
        else:
            self._happened(f"status.{event.d['status']}")

    def _delivery(self, event: Event) -> None:
        d = event.d
        said = self._log.about.get(d["seq"])
        if said is None:
            return
        number = written_here(said["cid"], self._log.chat)
        if d["delivery"] in ARRIVED:
            self.arrived += [number] if number else []
            return
        now = said["delivery"]
        if d["delivery"] in FAULTS and now in FAULTS:
            self._fault(said, number)
        elif d["delivery"] == "queued" and str(d["error"]).startswith("parked."):
            text = self._words.known(f"delivery.{d['error']}", self._words("delivery.parked"))
            self._apart(Post(self._about(text, said, number), reply_to=number))

    def _fault(self, said: Mapping[str, Any], number: int) -> None:
        why = f": {one_line(said['error'])}" if said["error"] else ""
        text = cut(self._words(f"delivery.{said['delivery']}") + why, MOST_CAPTION)
        buttons = cards.retry_button(said["id"], self._words)
        self._apart(Post(self._about(text, said, number), buttons=buttons, reply_to=number))

    def _about(self, text: str, said: Mapping[str, Any], number: int) -> str:
        quote = cut(one_line(said["text"]), QUOTE)
        return text if number or not quote else f"{text}\n「{quote}」"

    def _aside(self, event: Event) -> None:
        self._happened("aside", name=one_line(event.d["name"]), conversation=event.d["conversation"])

    def _rating(self, event: Event) -> None:
        score = int(event.d["score"])
        self._happened("rating", stars="★" * score + "☆" * (5 - score))

    def _handoff(self, event: Event) -> None:
        if not self._log.fresh and event.d.get("status") == "offered":
            self._happened("handoff.again", reason=cut(one_line(event.d.get("reason") or ""), QUOTE))

        elif event.d.get("status") == "filed":
            self._happened("handoff.filed", reason=cut(one_line(event.d.get("reason") or ""), QUOTE))

    def _case(self, event: Event) -> None:
        d = event.d
        begun = d["changes"].get("status", ("-",))[0] == ""
        what = "changed" if not begun else "registered" if d["by"] else "filed"
        self._happened(f"case.{what}", name=one_line(d["by"]), number=d["number"])

    def _judgement(self, event: Event) -> None:
        self._happened("judged", name=one_line(event.d["by"]["name"]))

    def _agent_mail(self, event: Event) -> None:
        self._happened("agent_mail", name=one_line(event.d.get("agent") or ""))

    def _poison(self, event: Event) -> None:
        if not event.d.get("replayed"):
            self._happened("poison")
