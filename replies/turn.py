"""One message being decided: what is known about it, and the words with which a rule answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, Self

from bot.dialogue import Decision, Gap, HandoffRequest, Question, Reply, TimerRequest
from bot.messages import Kind, QuickReply
from replies.faq.matching import Match
from replies.faq.table import Entry
from replies.forms.draft import case
from replies.forms.fields import PREFIX as FORM_PREFIX
from replies.knowledge import Knowledge
from replies.memory import Memory
from replies.sheets import LABELS
from replies.text import Language, clean, clip, detect, language_of
from replies.understanding import TIERS, History, Tier, Understanding, graver, tier_of
from replies.words import is_blank, is_emoji, ordinal

FAQ_PREFIX: Final = "faq:"
MOST_TOPICS: Final = 5
BURST: Final = "burst"
"""The timer that ends the wait for the rest of a burst."""
_LONGEST_LABEL: Final = 40
_LONGEST_NAME: Final = 20
_MOST_EVIDENCE: Final = 8
_UNSEEN: Final = ""


@dataclass(slots=True)
class Turn:
    """`memory` is changed as the rules speak; `before` is what it was when the message came.

    `pieces`: what is answered now, oldest first: pieces of a burst that waited, and the message. `waited`: nothing more
    came, so that it has to be answered. `passed`: rules that might have answered, and why they did not.
    `judged`: triage has looked at it. `start`: the variant that is taken to have been said last where none was.
    """

    question: Question
    knowledge: Knowledge
    language: Language
    memory: Memory
    before: Memory
    pieces: tuple[str, ...]
    waited: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    passed: list[list[str]] = field(default_factory=list)
    judged: bool = False
    start: int = -1
    _match: Match | None = None
    _meant: Understanding | None = None
    _spoken: str | None = None
    _talk: str | None = _UNSEEN

    @classmethod
    def begin(cls, question: Question, knowledge: Knowledge) -> Self:
        """Read the message in the light of the conversation so far; the end of a wait stands for what waited."""
        before = Memory.read(question.state)
        heard, waited = before.heard, question.timer == BURST
        if waited:
            question, heard = replace(question, timer=None, kind=Kind.TEXT, text=heard[-1], value=None), heard[:-1]
        memory = before.at(question.now)
        if waited:
            memory.pace = before.pace  # nobody wrote
        return cls(question, knowledge, _language(question, heard), memory, before, (*heard, question.text), waited)

    @property
    def text(self) -> str:
        """What the customer wrote, as it came; the pieces of a burst in one."""
        return "\n".join(self.pieces)

    @property
    def talk(self) -> str | None:
        """The kind of small talk that the whole is; None if it is anything else."""
        if self._talk == _UNSEEN:
            self._talk = "light" if is_emoji(self.text) else self.knowledge.words.chat(self.text)
        return self._talk

    @property
    def asked(self) -> str:
        """What the FAQ is asked: of a burst, the pieces that are more than a greeting."""
        if len(self.pieces) == 1:
            return self.question.text
        said = [piece for piece in self.pieces if not is_blank(piece) and self.knowledge.words.chat(piece) is None]
        return "\n".join(said) or self.text

    @property
    def match(self) -> Match:
        """What the FAQ has on it; asked at most once a message."""
        if self._match is None:
            self._match = self.knowledge.matcher.match(self.asked, self.language)
        return self._match

    @property
    def meant(self) -> Understanding:
        """What the customer means by it; judged at most once a message, and by itself: `tier` is the message's own.

        Words of ours, no words and whole small talk say nothing that has to be judged.
        """
        if self._meant is None:
            if self.tapped or self.talk is not None or is_blank(self.text):
                self._meant = Understanding(self.language, category="chitchat")
            else:
                self._meant = self._understand()
                self.facts |= _facts(self._meant)
                self.judged = True
        return self._meant

    def take(self, meant: Understanding) -> None:
        """It was judged elsewhere, by more than its text."""
        self._meant = meant
        self.facts |= _facts(meant)
        self.judged = True

    def _understand(self) -> Understanding:
        history = History(anger=self.before.anger, complaints=self.question.complaints)
        judge = self.knowledge.triage.understand
        whole = judge(self.text, self.language, history)
        if len(self.pieces) == 1 or whole.tier == TIERS[0]:
            return whole
        # What comes before it must not make a cry for help any quieter.
        last = judge(self.question.text, self.language, history)
        return last if graver(last.tier, whole.tier) != whole.tier else whole

    @property
    def tier(self) -> Tier | None:
        """The tier of the conversation, this message included: it never falls by itself."""
        return graver(tier_of(self.question.tier), self.meant.tier)

    @property
    def spoken(self) -> str:
        """The button shown last that the customer means with his words, by its number or by yes, no, none of these."""
        if self._spoken is None:
            text, choices = self.question.text, self.before.choices
            number = ordinal(text) if choices else None
            if number is not None and number <= len(choices):
                self._spoken = choices[number - 1]
            else:
                self._spoken = self.knowledge.words.chosen(text, choices)
                # Where we asked which of these he means, a plain no is none of them.
                if not self._spoken and "none" in choices and self.knowledge.words.chosen(text, ("no",)):
                    self._spoken = "none"
        return self._spoken

    @property
    def tapped(self) -> bool:
        """Whether the message is a button of ours, so that its text is our own label."""
        value = self.question.value
        return value is not None and (
            value in LABELS["buttons"] or value.startswith(FORM_PREFIX) or self.chosen(value) is not None
        )

    def chosen(self, value: str) -> Entry | None:
        """The FAQ entry a quick reply stands for."""
        return self.knowledge.faq.get(value.removeprefix(FAQ_PREFIX)) if value.startswith(FAQ_PREFIX) else None

    def passes(self, rule: str, why: str) -> None:
        """Note why a rule that might have answered does not."""
        self.passed.append([rule, why])

    # ---- words ----------------------------------------------------------------------------------------------------

    def say(self, situation: str, *buttons: QuickReply, source: str = "", **values: str) -> Reply:
        """The situation's next variant, never the one said last."""
        script, variant = self._next_script(situation)
        self.facts.setdefault("scripts", []).append(script)
        brand = self.knowledge.brand[self.language]
        own = {"company": brand.company, "hours": brand.hours, "name": self._name(), "hello": self._hello()}
        values = {**own, **values}
        text = self.knowledge.scripts.say(situation, self.language, variant, **values)
        return Reply(text, buttons, script, source)

    def _next_script(self, situation: str) -> tuple[str, int]:
        last = self.memory.said.get(situation, self.start)
        variant = (last + 1) % self.knowledge.scripts.variants(situation, self.language)
        self.memory.said[situation] = variant
        return f"{situation}/{variant}", variant

    def _hello(self) -> str:
        zone = self.knowledge.zone
        hour = None if zone is None else self.question.now.astimezone(zone).hour
        return self.knowledge.scripts.hello(self.language, hour)

    def _name(self) -> str:
        if not self.question.contact_name:
            return ""
        name = " ".join(clean(self.question.contact_name).split())
        return name if len(name) <= _LONGEST_NAME else ""

    def has(self, situation: str) -> bool:
        """There are words for it."""
        return situation in self.knowledge.scripts.catalogues[self.language].scripts

    def buttons(self, *names: str) -> tuple[QuickReply, ...]:
        """Fixed quick replies in the customer's language."""
        buttons = self.knowledge.scripts.catalogues[self.language].buttons
        return tuple([buttons[name] for name in names])

    def entries(self, ids: Sequence[str]) -> list[Entry]:
        """The entries there are of these."""
        return [entry for id_ in ids if (entry := self.knowledge.faq.get(id_)) is not None]

    # ---- decisions ------------------------------------------------------------------------------------------------

    def decide(
        self,
        rule: str,
        *replies: Reply,
        opening: bool = False,
        handoff: HandoffRequest | None = None,
        gap: Gap | None = None,
    ) -> Decision:
        """Close the turn. `opening`: before the first answer of a conversation goes a line that names the company."""
        first = self.question.first or bool(self.before.heard)
        if opening and replies and first and not self.memory.greeted:
            line = self.say("opening")
            replies = (replace(replies[0], text=f"{line.text}\n\n{replies[0].text}"), *replies[1:])
        self.memory.greeted = self.memory.greeted or bool(replies)
        self.memory.choices = tuple([button.value for reply in replies[-1:] for button in reply.quick_replies])
        decision = self._close(rule)
        return replace(decision, replies=replies, handoff=handoff, gap=gap)

    def _close(self, rule: str) -> Decision:
        category, tier = None, None
        if self.judged:
            self.memory.feel(self.meant.anger)
            category, tier = self.meant.category, self.tier if self.meant.tier else None
        return Decision(
            rule=rule,
            state=self.memory.write(self.question.state),
            language=self.language,
            cancel_timers=(BURST,) if self.before.heard and not self.waited else (),
            facts=self._all_facts(),
            category=category,
            tier=tier,
        )

    def _all_facts(self) -> dict[str, Any]:
        facts = {"language": self.language, **self.facts}
        if len(self.pieces) > 1:
            facts["pieces"] = len(self.pieces)
        if self.passed:
            facts["passed"] = self.passed
        return facts

    def wait(self, rule: str, after: timedelta) -> Decision:
        """Say nothing yet: the message is answered with what comes next, or after a while by itself.

        Whatever was on offer still is.
        """
        self.memory = replace(self.before, pace=self.memory.pace)
        self.memory.keep(self.question.text, self.question.now)
        state = self.memory.write(self.question.state)
        timers = (TimerRequest(BURST, after),)
        return Decision(rule, state=state, language=self.language, timers=timers, facts=self._all_facts())

    def hand_over(
        self,
        rule: str,
        situation: str,
        trigger: str,
        reason: str,
        *,
        lead: str = "",
        gap: Gap | None = None,
        **values: str,
    ) -> Decision:
        """Bring a person: say so to the customer, and tell the agent why. `lead`: a situation said before that."""
        told = {"kind": values["kind"]} if "kind" in values else {}
        reply = self.say(situation, order=", ".join(self.meant.orders), **told)
        if lead:
            reply = replace(reply, text=f"{self.say(lead).text}\n\n{reply.text}")
        self.memory.person, self.memory.misses = True, 0
        request = self.request(trigger, reason, **values)
        return self.decide(rule, reply, opening=request.tier is None, handoff=request, gap=gap)

    def request(self, trigger: str, reason: str, **values: str) -> HandoffRequest:
        """What the agent is told: why, how grave, what the customer wants, and what he named already."""
        seen = {name: " ".join(clean(clip(value, 200)).split()) for name, value in values.items()}
        told = self.knowledge.scripts.reason(reason, self.language, **seen)
        wish = "、".join(self.words("wish")) if self.language != "en" else ", ".join(self.words("wish"))
        form = case(self.knowledge.forms, self.question, self.language, _known(self.meant))
        return HandoffRequest(trigger, told, self.tier, wish, self.memory.tried, form=form)

    def words(self, of: str) -> list[str]:
        """The customer's own words that are evidence of something (`tier`, `wish.refund`), each once."""
        found = [e.words for e in self.meant.evidence if e.of == of or e.of.startswith(of + ".")]
        return [clean(words) for words in dict.fromkeys(found)][:5]

    def answer(self, rule: str, entry: Entry, *, lead: str = "") -> Decision:
        """Say an FAQ entry's answer and ask whether it helped. `lead`: a situation said before that."""
        reply = self.say("answer", *self.buttons("yes", "no"), source=entry.id, answer=entry.answer(self.language))
        if lead:
            reply = replace(reply, text=f"{self.say(lead).text}\n\n{reply.text}")
        self.memory.answer_with(entry.id, self.asked)
        return self.decide(rule, reply, opening=not lead)


def silence(question: Question, rule: str, **facts: Any) -> Decision:
    """Nothing is said, and what was remembered stays."""
    facts = {"status": question.status.value, "timer": question.timer, **facts}
    return Decision(rule, state=question.state, language=question.language, facts=facts)


def _facts(meant: Understanding) -> dict[str, Any]:
    """What triage said, without what it found nothing of; category and tier stand in the decision itself."""
    evidence = [[e.start, e.end, clean(e.words), e.of] for e in meant.evidence[:_MOST_EVIDENCE]]
    facts = {
        "confidence": round(meant.confidence, 3),
        "anger": round(meant.anger, 2),
        "distress": round(meant.distress, 2),
        "danger": meant.danger,
        "abuse": meant.abuse,
        "customer": list(meant.customer),
        "wishes": list(meant.wishes),
        "orders": [clean(order) for order in meant.orders],
        "products": [clean(product) for product in meant.products],
        "amount": _amount(meant),
        "evidence": evidence,
    }
    return {name: fact for name, fact in facts.items() if fact}


def _known(meant: Understanding) -> dict[str, str]:
    known = {"order": ", ".join(meant.orders), "product": ", ".join(meant.products), "amount": _amount(meant)}
    return {name: clean(clip(fact, 200)) for name, fact in known.items() if fact}


def _amount(meant: Understanding) -> str:
    return "" if meant.amount is None else f"{meant.amount} {meant.currency}".strip()


def entry_buttons(entries: Sequence[Entry], language: Language) -> tuple[QuickReply, ...]:
    """Quick replies that ask the entries, named by their first question."""
    return tuple(QuickReply(_label(entry.title(language)), FAQ_PREFIX + entry.id) for entry in entries)


def _label(title: str) -> str:
    return title if len(title) <= _LONGEST_LABEL else title[: _LONGEST_LABEL - 1] + "…"


def topic_buttons(knowledge: Knowledge, language: Language) -> tuple[QuickReply, ...]:
    """The topics of the first view and the way to a person.

    Topics whose entry is not in the FAQ are left out; with none left, the FAQ's first entries stand in for them.
    """
    catalogue = knowledge.scripts.catalogues[language]
    topics = tuple(
        QuickReply(label, FAQ_PREFIX + id_) for id_, label in catalogue.topics.items() if knowledge.faq.get(id_)
    )
    shown = topics or entry_buttons(list(knowledge.faq)[:MOST_TOPICS], language)
    return (*shown[:MOST_TOPICS], catalogue.buttons["human"])


def _language(question: Question, heard: Sequence[str]) -> Language:
    known = language_of(question.language)
    # A button's text is our own label; a timer has none.
    if known is not None and (question.value is not None or question.timer is not None):
        return known
    hint = detect("\n".join(heard), question.language) if heard else question.language
    return detect(question.text, hint)
