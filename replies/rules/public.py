"""Where everybody reads it: the bot says one line at most, ever; complaints are people's; in private all goes on.

Nothing is asked, nothing the author wrote is repeated, and there are no buttons. Timers never speak here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.dialogue import Decision, Question, Reply
from bot.messages import Kind, Status
from replies.faq.matching import Action
from replies.knowledge import Knowledge
from replies.public import LONGEST, fit_answer, is_lottery, own_words, passed_on
from replies.rules.faq import facts
from replies.rules.guard import ABUSE_QUEUE
from replies.rules.person import DESPERATE
from replies.rules.talk import SURE
from replies.turn import Turn, silence
from replies.understanding import TIERS, Tier

CALM: Final = 0.1
"""Anger below which praise is praise: a thank-you to "worst purchase ever" would be read by everybody."""
CERTAIN: Final = 0.85
"""Confidence from which something is thanked for, or regretted without a word that shows it."""
WITHOUT_WORDS: Final = (Kind.TEXT, Kind.STICKER)
"""Kinds that say nothing where they have no words; a picture may show what is wrong."""


@dataclass(slots=True)
class Public(Turn):
    """A turn about something said in public. `own`: he wrote words of his own, not only passed on those of others."""

    own: bool = True

    @property
    def loud(self) -> bool:
        """So many read the author that his trouble is spoken of."""
        return self.question.followers >= self.knowledge.public.followers


def read(question: Question, knowledge: Knowledge) -> Public:
    """What he says himself; where that is nothing, what he passes on, which is never answered."""
    own = own_words(question.text)
    seen = replace(question, text=own or passed_on(question.text), value=None, timer=None)
    turn = Public.begin(seen, knowledge)
    turn.own = bool(own)
    # The variants go on from conversation to conversation: on one page of comments no two read alike.
    turn.start = question.conversation
    turn.facts["public"] = {"followers": question.followers, "alike": question.alike}
    meant = turn.meant
    if turn.loud and meant.tier == "moderate":
        # A large following makes a complaint serious (handbook 3), whatever its words.
        turn.take(replace(meant, tier="serious", needs_human=True))
    return turn


# ---- the rules ----------------------------------------------------------------------------------------------------


def silent(question: Question) -> Decision | None:
    """Fired timers and events: nothing is said in public when a matter is settled or given back, and nobody is asked
    for a mark."""
    if question.timer is not None:
        return silence(question, "silent.timer")
    return silence(question, "silent.event") if question.kind is Kind.EVENT else None


def heard(turn: Public) -> Decision | None:
    """People have it, or it asks for nobody: it is judged, so that a tier that rises reaches them, and nothing is said.
    Safety words too are a person's to say here."""
    if turn.question.status not in (Status.OPEN, Status.SNOOZED) and turn.question.wakes:
        return None
    return turn.decide("public.person" if turn.question.wakes else "public.kept")


def bare(turn: Public) -> Decision | None:
    """A mention without words asks for nothing; a picture has to be looked at by a person."""
    if turn.own:
        return None
    if turn.question.kind not in WITHOUT_WORDS:
        kinds = turn.knowledge.scripts.catalogues[turn.language].kinds
        return _hand_over(turn, "public.media", "other", "media", kind=kinds.get(turn.question.kind, kinds["other"]))
    return None if _is_grave(turn) else turn.decide("public.nothing")


def abuse(turn: Public) -> Decision | None:
    """Insults, advances, adverts and nonsense are met with silence: every answer is one more thing to quote. They are
    noted once in a queue of their own."""
    if turn.meant.category != "abuse" or turn.meant.asks_person:
        return None
    if turn.memory.abuse[0]:
        return turn.decide("public.abuse")
    turn.memory.abuse = (1, turn.memory.pace[0])
    request = replace(
        turn.request("other", "abuse_public", words="、".join(turn.words("abuse")) or turn.text), queue=ABUSE_QUEUE
    )
    return turn.decide("public.abuse", handoff=replace(request, opens=False))


def grave(turn: Public) -> Decision | None:
    """Danger and serious complaints: people are called before anything else, and a person speaks; the bot only where it
    was allowed to."""
    if not _is_grave(turn) or (tier := turn.meant.tier) is None:
        return None
    situation = "public_danger" if tier == TIERS[0] else "public_serious"
    return _complaint(turn, f"public.{tier}", situation, tier)


def again(turn: Public) -> Decision | None:
    """What comes after the first word in public is a person's: two answers by a machine are an argument."""
    if not turn.before.met or _says_nothing(turn):
        return None
    if (tier := turn.meant.tier) is not None:
        return _hand_over(turn, "public.again", "tier", _why(tier), words=_words(turn))
    return _hand_over(turn, "public.again", "other", "public_again", text=turn.text)


def despair(turn: Public) -> Decision | None:
    """Somebody in tears is answered by a person."""
    return _hand_over(turn, "public.distress", "other", "distress") if turn.meant.distress >= DESPERATE else None


def complaint(turn: Public) -> Decision | None:
    """A complaint in public: sorry, and the way to a private message; people have it at once, however small it is,
    since others join in."""
    if (tier := turn.meant.tier) is None:
        return None
    return _complaint(turn, f"public.{tier}", "public_complaint", tier)


def praise(turn: Public) -> Decision | None:
    """Praise is thanked for, once, where there is no doubt of it."""
    if turn.talk != "praise" and not (_is_calm(turn, "praise") and turn.meant.confidence >= CERTAIN):
        return None
    if turn.before.met or is_lottery(turn.text):
        return turn.decide("public.nothing")
    return turn.decide("public.praise", *_line(turn, "public_praise"))


def answer(turn: Public) -> Decision | None:
    """The FAQ is sure of a plain question, and its answer is short and nobody's own affair: everybody may read it."""
    if turn.meant.category != "inquiry" or turn.meant.needs_human or turn.match.action is not Action.ANSWER:
        return None
    turn.facts["faq"] = facts(turn)
    for entry in turn.entries([turn.match.id or ""]):
        words = entry.answer(turn.language)
        if fit_answer(words) and (told := _line(turn, "public_answer", source=entry.id, answer=words)):
            turn.memory.answer_with(entry.id, turn.asked)
            return turn.decide("public.answer", *told)
        turn.passes("public.answer", "too long or too personal to be read by everybody")
        # In private the bot knows the answer: nobody need see to it.
        if told := _line(turn, "public_reply"):
            return turn.decide("public.invited", *told)
    return None


def small_talk(turn: Public) -> Decision | None:
    """Small talk and the like asks for no answer."""
    return turn.decide("public.nothing") if _says_nothing(turn) else None


def suggestion(turn: Public) -> Decision | None:
    """A suggestion is thanked for, and heard in private."""
    if turn.meant.category != "suggestion" or turn.meant.needs_human or turn.meant.confidence < SURE:
        return None
    return turn.decide("public.suggestion", *told) if (told := _line(turn, "public_reply")) else None


def rest(turn: Public) -> Decision:
    """Anything else, such as a question the FAQ does not have: the way to a private message, and a person sees it."""
    meant = turn.meant
    sure = meant.category in ("inquiry", "business", "suggestion") and meant.confidence >= SURE
    told = _line(turn, "public_reply") if sure or meant.asks_person else ()
    if meant.asks_person:
        return _hand_over(turn, "public.received", "asked", "asked", *told)
    return _hand_over(turn, "public.received", "other", "public_other", *told, text=turn.text)


# ---- the words ----------------------------------------------------------------------------------------------------


def _is_grave(turn: Public) -> bool:
    return turn.meant.tier in TIERS[:2]


def _says_nothing(turn: Public) -> bool:
    """Whole small talk, or what is surely meant as such."""
    return turn.talk is not None or _is_calm(turn, "chitchat", "praise")


def _is_calm(turn: Public, *categories: str) -> bool:
    meant = turn.meant
    return meant.category in categories and meant.confidence >= SURE and meant.anger < CALM and not meant.needs_human


def _complaint(turn: Public, rule: str, situation: str, tier: Tier) -> Decision:
    """Regret only for what is surely a complaint: to who complains of the weather it is out of place. To a large
    following nothing is said by a machine."""
    meant = turn.meant
    shown = bool(meant.evidence) or meant.anger >= CALM or meant.confidence >= CERTAIN
    told = _line(turn, situation) if turn.own and shown and not (turn.loud and tier == "minor") else ()
    return _hand_over(turn, rule, "tier", _why(tier), *told, words=_words(turn))


def _why(tier: Tier) -> str:
    return "public_minor" if tier == "minor" else tier


def _words(turn: Public) -> str:
    """The words that show the tier; the whole, where none do."""
    return "、".join(turn.words("tier")) or turn.text


def _line(turn: Public, situation: str, *, source: str = "", **values: str) -> tuple[Reply, ...]:
    """The bot's one line, if it may still say it: the next variant that fits; nothing where none does."""
    if turn.before.met or not turn.knowledge.public.speaks(turn.meant.tier):
        turn.passes(situation, "it is left to people")
        return ()
    for _ in range(turn.knowledge.scripts.variants(situation, turn.language)):
        reply = turn.say(situation, source=source, **values)
        if len(reply.text) <= LONGEST:
            turn.memory.met = True
            return (reply,)
        turn.facts["scripts"].pop()
    turn.passes(situation, f"no variant fits into {LONGEST} characters")
    return ()


def _hand_over(turn: Public, rule: str, trigger: str, reason: str, *told: Reply, **words: str) -> Decision:
    """People have it from now on, and read who reads him."""
    turn.memory.met = turn.memory.person = True
    request = turn.request(trigger, reason, **words)
    read_by = str(turn.question.followers) if turn.loud else ""
    alike = str(turn.question.alike) if turn.question.alike > 1 else ""
    why = turn.knowledge.scripts.reason("public", turn.language, why=request.reason, followers=read_by, alike=alike)
    return turn.decide(rule, *told, handoff=replace(request, reason=why))
