"""Letters: read whole, answered automatically once, and always seen to by people.

A letter has no buttons, nobody waits beside it, and two programs may be writing to each other: so nothing is asked
back, and what is told, is told once a conversation. Whatever it is, somebody reads it; only abuse lies in a queue of
its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from bot.dialogue import Decision, Question, Reply
from bot.messages import Kind, Status
from replies.agreement import agreed
from replies.duty import in_words
from replies.faq.matching import Action, Match
from replies.faq.table import Entry
from replies.gist import NOTHING, Gist, gist, subject_of
from replies.knowledge import Knowledge
from replies.rules.complaint import is_grave
from replies.rules.guard import ABUSE_QUEUE, safety
from replies.text import HAN, clean, clip
from replies.turn import Turn, silence
from replies.understanding import TIERS, History, Understanding, graver

RECEIVED: Final = "received"
"""In the memory of what was told: the acknowledgement."""
ABUSED: Final = "abuse"
ANGRY: Final = 0.3
"""Anger from which a complaint is one, whatever words the model saw it in."""
CERTAIN: Final = 0.95
"""Confidence from which danger is warned of without a word for it: safety words to who lost an umbrella are none."""
MOST_PIECES: Final = 10
_LOOK: Final = 1800
"""Characters of a piece of a long letter: no more than triage reads of one text."""
_TOPIC: Final = 60
_UNFIT_TOPIC: Final = re.compile(
    r"https?:|www\.|@|[a-z0-9-]\.[a-z]{2,}|微信|加群|\b(?:vx|qq|line|telegram|whatsapp)\b", re.IGNORECASE
)
"""What is never sent on to somebody who may not have written the letter."""
_HAN_NAME: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}[·・][\u4e00-\u9fff]{1,8}")
_NAME: Final = re.compile(r"[^\W\d_][^\W\d_.'’-]{0,29}(?:[ .'’-]{1,2}[^\W\d_]{1,30}){0,3}\.?")
_NO_NAME: Final = re.compile(
    r"\b(?:no-?reply|info|service|support|admin|sales|office|team|notifications?|newsletter|postmaster|mailer|daemon|"
    r"contact|hello|mail|e-?mail|customer|user|root|webmaster|accounts?|accounting|billing)\b|系统|系統|通知|客服|客户|"
    r"客戶|管理员|管理員|公司|微信|用户|用戶",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Letter(Turn):
    """A turn about a letter: `gist` is what it says, `found` what the FAQ has on it, once it was asked."""

    gist: Gist = NOTHING
    found: Match | None = None

    @property
    def entry(self) -> Entry | None:
        """The FAQ entry that answers it; looked for at most once."""
        if self.found is None:
            self.found = agreed(self.gist, lambda text: self.knowledge.matcher.match(text, self.language))
        entries = self.entries([self.found.id]) if self.found.action is Action.ANSWER and self.found.id else []
        return entries[0] if entries else None


def read(question: Question, knowledge: Knowledge) -> Letter:
    """What a letter says: judged by its subject and all of its words, however long it is."""
    seen = gist(question.text, question.subject)
    turn = Letter.begin(replace(question, text=seen.judged, value=None, kind=Kind.TEXT, timer=None), knowledge)
    turn.gist = seen
    # The variants go on from conversation to conversation: who writes often does not read the same letter again.
    turn.start = question.conversation
    if seen.judged.strip():
        turn.take(_judged(turn))
    return turn


def _judged(turn: Letter) -> Understanding:
    """What it means, by looking at it with and without its subject, and at pieces of a long one.

    Triage learned from chats. Danger counts wherever it is seen; what only one look suspects, without a word to show
    for it, is nothing; and whoever advertises does so in the body.
    """
    seen, history = turn.gist, History(anger=turn.before.anger, complaints=turn.question.complaints)
    looks = [seen.judged, seen.body] if seen.subject and seen.body else [seen.judged]
    whole, *rest = (turn.knowledge.triage.understand(text, turn.language, history) for text in looks)
    meant = _joined(whole, rest[0]) if rest else whole
    starts = range(0, min(len(seen.judged), _LOOK * MOST_PIECES), _LOOK) if len(seen.judged) > _LOOK else ()
    for start in starts:
        piece = turn.knowledge.triage.understand(seen.judged[start : start + _LOOK + 100], turn.language, history)
        if piece.tier in TIERS[:2] and _shows(piece) and graver(piece.tier, meant.tier) != meant.tier:
            meant = piece
    return meant


def _joined(whole: Understanding, body: Understanding) -> Understanding:
    for one in (whole, body):
        if one.tier == TIERS[0]:
            return one
    if body.category == "abuse" and whole.tier != TIERS[1]:
        return body
    if whole.tier is not None and body.tier is not None:
        return whole if graver(whole.tier, body.tier) == whole.tier else body
    plain, grave = (whole, body) if whole.tier is None else (body, whole)
    return grave if grave.tier is not None and _shows(grave) else plain


def _shows(meant: Understanding) -> bool:
    """There are words for its tier."""
    return any(one.of == "tier" or one.of.startswith("tier.") for one in meant.evidence)


# ---- the rules ----------------------------------------------------------------------------------------------------


def critical(turn: Letter) -> Decision | None:
    """Danger: the safety words and hotlines that fit it before anything else, and a person at once. Where it is only
    suspected, the person comes, and the letter is acknowledged like any other."""
    if turn.meant.tier != "critical":
        return None
    words = "、".join(turn.words("tier"))
    told = _warned(turn) if endangered(turn) else () if RECEIVED in turn.memory.letters else _acknowledged(turn)
    return _hand_over(turn, "letter.critical", told, "tier", "critical", words=words)


def abuse(turn: Letter) -> Decision | None:
    """Adverts and nonsense are met with silence, since every answer shows them that somebody reads; an insult with one
    flat line. They lie in a queue of their own, told to people once."""
    if turn.meant.category != "abuse" or turn.meant.asks_person:
        return None
    if ABUSED in turn.memory.letters:
        return turn.decide("letter.abuse")
    turn.memory.letters = (*turn.memory.letters, ABUSED)
    flat = (turn.say("abuse_last"),) if turn.meant.abuse in ("insult", "sexual") else ()
    request = replace(
        turn.request("other", "abuse", words="、".join(turn.words("abuse"))), queue=ABUSE_QUEUE, opens=False
    )
    return turn.decide("letter.abuse", *flat, handoff=request)


def again(turn: Letter) -> Decision | None:
    """One more letter on what was acknowledged before: people have it again, and nothing is said."""
    if RECEIVED not in turn.memory.letters:
        return None
    tier = turn.meant.tier
    if is_grave(tier) and tier is not None:
        return _hand_over(turn, "letter.again", (), "tier", tier, words="、".join(turn.words("tier")))
    return _hand_over(turn, "letter.again", (), "other", "letter_again", topic=_matter(turn))


def complaint(turn: Letter) -> Decision | None:
    """A grave complaint: a word of regret, by when it is answered, and a person, told why."""
    tier = turn.tier
    if turn.meant.tier is None or tier is None or not is_grave(tier) or not aggrieved(turn):
        return None
    words = "、".join(turn.words("tier"))
    return _hand_over(turn, f"letter.{tier}", _acknowledged(turn), "tier", turn.meant.tier, words=words)


def answered(turn: Letter) -> Decision | None:
    """The FAQ is sure: its answer goes with the acknowledgement, and a person sees whether it was the right one."""
    entry = turn.entry
    if entry is None:
        return None
    turn.facts["faq"] = {"action": "answer", "id": entry.id, "scores": _scores(turn)}
    paragraphs = _acknowledged(turn, turn.say("mail_answer", answer=entry.answer(turn.language)))
    turn.memory.answer_with(entry.id, turn.gist.judged)
    told = {"topic": _matter(turn), "answer": entry.title(turn.language)}
    return _hand_over(turn, "letter.answered", paragraphs, *_why(turn, "letter_answered"), source=entry.id, **told)


def received(turn: Letter) -> Decision:
    """Any other letter: it is acknowledged, and a person answers it."""
    if turn.found is not None:
        turn.facts["faq"] = {"action": "miss", "id": None, "scores": _scores(turn)}
    return _hand_over(turn, "letter.received", _acknowledged(turn), *_why(turn, "letter"), topic=_matter(turn))


def heard(turn: Letter) -> Decision:
    """People have it: it is judged, so that a tier that rises reaches them, and nothing is said. Only who is in danger
    reads the safety words, once for each danger, while nobody has taken the conversation."""
    if endangered(turn) and not turn.question.attended and (told := _warned(turn)):
        return turn.decide("letter.danger", _letter(turn, told))
    return turn.decide("letter.person")


def kept(turn: Letter) -> Decision:
    """Nobody has to see to it, such as an automatic reply of his: it lies with its conversation."""
    return turn.decide("letter.kept")


def silent(question: Question) -> Decision | None:
    """What is no letter: fired timers and events. Nobody is asked whether he is still there, or to tap a mark."""
    if question.timer is not None:
        return silence(question, "silent.timer")
    return silence(question, "silent.event") if question.kind is Kind.EVENT else None


def with_people(question: Question) -> bool:
    """People have the conversation."""
    return question.status in (Status.OPEN, Status.SNOOZED)


# ---- the words ----------------------------------------------------------------------------------------------------


def endangered(turn: Letter) -> bool:
    """Somebody is in danger: his words show it, or there is hardly a doubt."""
    meant = turn.meant
    return meant.tier == "critical" and (bool(meant.danger) or _shows(meant) or meant.confidence >= CERTAIN)


def aggrieved(turn: Letter) -> bool:
    """A complaint is spoken to as one where its words show it. Triage learned from chats, and the formal language of
    letters ("please find attached") alone makes it suspicious."""
    return _shows(turn.meant) or turn.meant.anger >= ANGRY


def _acknowledged(turn: Letter, *more: Reply) -> tuple[Reply, ...]:
    """The acknowledgement: received under a number, sorry, what more there is to say, what happens next and by when."""
    turn.memory.letters = (*turn.memory.letters, RECEIVED)
    question, duty = turn.question, turn.knowledge.duty
    opens = "" if duty.at_work(question.now) else in_words(duty.opening(question.now), turn.language)
    due = in_words(duty.due(question.now), turn.language)
    sorry = turn.meant.tier is not None and aggrieved(turn)
    return (
        turn.say("mail_received", number=_number(turn), topic=topic(question.subject), when=due),
        *((turn.say("mail_sorry"),) if sorry else ()),
        *more,
        turn.say("mail_next", when=due, opens=opens),
    )


def _number(turn: Letter) -> str:
    """As it stands in the subject of what we send."""
    return f"KF-{turn.question.conversation}"


def _warned(turn: Letter) -> tuple[Reply, ...]:
    """The safety words, and that a call is quicker than a letter; nothing where they were said before."""
    situation = safety(turn, "mail_critical")
    if situation in turn.memory.letters:
        return ()
    turn.memory.letters = (*turn.memory.letters, situation, RECEIVED)
    return (replace(turn.say(situation), vital=True), turn.say("mail_urgent", number=_number(turn)))


def _letter(turn: Letter, paragraphs: tuple[Reply, ...], source: str = "") -> Reply:
    """Paragraphs as one letter. The channel signs it, and says that it was sent automatically and may be answered."""
    name = salutation(turn.question.contact_name)
    whole = (turn.say("mail_hello", name=name), *paragraphs)
    leading = paragraphs[0]
    text = "\n\n".join(part.text for part in whole)
    return Reply(text, script=leading.script, source=source, vital=leading.vital)


def _hand_over(
    turn: Letter, rule: str, paragraphs: tuple[Reply, ...], trigger: str, reason: str, *, source: str = "", **told: str
) -> Decision:  # fmt: skip
    replies = (_letter(turn, paragraphs, source),) if paragraphs else ()
    turn.memory.person, turn.memory.misses = True, 0
    return turn.decide(rule, *replies, handoff=turn.request(trigger, reason, **told))


def _why(turn: Letter, reason: str) -> tuple[str, str]:
    return ("asked" if turn.meant.asks_person else "other", reason)


def _matter(turn: Letter) -> str:
    return subject_of(turn.question.subject) or clip(turn.gist.body, 80)


def _scores(turn: Letter) -> list[list[str | float]]:
    return [[found.id, found.score] for found in turn.found.candidates] if turn.found else []


def topic(subject: str) -> str:
    """The subject as it may be restated: short, and nothing in it that could lure a third person, since the sender of a
    letter is easily forged; "" otherwise."""
    words = subject_of(subject)
    return "" if len(words) > _TOPIC or _UNFIT_TOPIC.search(words) else words


def salutation(name: str) -> str:
    """A person's name as a letter may begin with it; "" for what is no name."""
    words = " ".join(clean(name).strip(" \"'“”").split())
    last, comma, first = words.partition(", ")
    if comma and first:
        words = f"{first} {last}"
    form = _HAN_NAME if HAN.search(words) else _NAME
    return words if len(words) <= 40 and form.fullmatch(words) and not _NO_NAME.search(words) else ""
