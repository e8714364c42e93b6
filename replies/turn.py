"""One message being decided: what is known about it, and the words with which a rule answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bot.dialogue import Decision, HandoffRequest, Question, Reply
from bot.messages import QuickReply
from replies.faq.matching import Match
from replies.faq.table import Entry
from replies.knowledge import Knowledge
from replies.memory import Memory
from replies.scripts import LABELS
from replies.text import Language, clean, clip, detect, language_of
from replies.words import ordinal

FAQ_PREFIX: Final = "faq:"
MOST_TOPICS: Final = 5
_LONGEST_LABEL: Final = 40
_LONGEST_NAME: Final = 20


@dataclass(slots=True)
class Turn:
    """`memory` is changed as the rules speak; `before` is what it was when the message came."""

    question: Question
    knowledge: Knowledge
    language: Language
    memory: Memory
    before: Memory
    facts: dict[str, Any] = field(default_factory=dict)
    _match: Match | None = None
    _spoken: str | None = None

    @classmethod
    def begin(cls, question: Question, knowledge: Knowledge) -> Turn:
        """Read the message in the light of the conversation so far."""
        before = Memory.read(question.state)
        return cls(question, knowledge, _language(question), before.at(question.now), before)

    @property
    def text(self) -> str:
        """What the customer wrote, as it came."""
        return self.question.text

    @property
    def match(self) -> Match:
        """What the FAQ has on it; asked at most once a message."""
        if self._match is None:
            self._match = self.knowledge.matcher.match(self.text, self.language)
        return self._match

    @property
    def spoken(self) -> str:
        """The button shown last that the customer means with his words, by its number or by yes, no, none of these."""
        if self._spoken is None:
            choices = self.before.choices
            number = ordinal(self.text) if choices else None
            if number is not None and number <= len(choices):
                self._spoken = choices[number - 1]
            else:
                self._spoken = self.knowledge.words.chosen(self.text, choices)
        return self._spoken

    def say(self, situation: str, *buttons: QuickReply, source: str = "", **values: str) -> Reply:
        """The situation's next variant, never the one said last."""
        script, variant = self._next_script(situation)
        self.facts.setdefault("scripts", []).append(script)
        brand = self.knowledge.brand[self.language]
        values = {"company": brand.company, "hours": brand.hours, "name": self._name(), **values}
        text = self.knowledge.scripts.say(situation, self.language, variant, **values)
        return Reply(text, buttons, script, source)

    def _next_script(self, situation: str) -> tuple[str, int]:
        last = self.memory.said.get(situation, -1)
        variant = (last + 1) % self.knowledge.scripts.variants(situation, self.language)
        self.memory.said[situation] = variant
        return f"{situation}/{variant}", variant

    def _name(self) -> str:
        if not self.question.contact_name:
            return ""
        name = " ".join(clean(self.question.contact_name).split())
        return name if len(name) <= _LONGEST_NAME else ""

    def decide(
        self, rule: str, *replies: Reply, opening: bool = False, handoff: HandoffRequest | None = None
    ) -> Decision:
        """Close the turn. `opening`: before the first answer of a conversation goes a line that names the company."""
        if opening and replies and self.question.first and not self.memory.greeted:
            line = self.say("opening")
            first = replies[0]
            replies = (replace(first, text=f"{line.text}\n\n{first.text}"), *replies[1:])
        self.memory.greeted = self.memory.greeted or bool(replies)
        self.memory.choices = tuple([button.value for reply in replies[-1:] for button in reply.quick_replies])
        return Decision(
            rule=rule,
            replies=replies,
            state=self.memory.write(self.question.state),
            language=self.language,
            handoff=handoff,
            facts={"language": self.language, **self.facts},
        )

    def hand_over(
        self, rule: str, situation: str, trigger: str, reason: str, *, tier: str | None = None, **values: str
    ) -> Decision:
        """Bring a person: say so to the customer, and tell the agent why."""
        seen = {name: " ".join(clean(clip(value, 200)).split()) for name, value in values.items()}
        told = self.knowledge.scripts.reason(reason, self.language, **seen)
        reply = self.say(situation, **({"kind": values["kind"]} if "kind" in values else {}))
        self.memory.person, self.memory.misses = True, 0
        request = HandoffRequest(trigger, told, tier=tier, tried=self.memory.tried)
        return self.decide(rule, reply, opening=tier is None, handoff=request)

    def answer(self, rule: str, entry: Entry) -> Decision:
        """Say an FAQ entry's answer and ask whether it helped."""
        reply = self.say("answer", *self.buttons("yes", "no"), source=entry.id, answer=entry.answer(self.language))
        self.memory.answer_with(entry.id)
        return self.decide(rule, reply, opening=True)

    def buttons(self, *names: str) -> tuple[QuickReply, ...]:
        """Fixed quick replies in the customer's language."""
        buttons = self.knowledge.scripts.catalogues[self.language].buttons
        return tuple([buttons[name] for name in names])

    def entries(self, ids: Sequence[str]) -> list[Entry]:
        """The entries there are of these."""
        return [entry for id_ in ids if (entry := self.knowledge.faq.get(id_)) is not None]

    @property
    def tapped(self) -> bool:
        """Whether the message is a button of ours, so that its text is our own label."""
        value = self.question.value
        return value is not None and (value in LABELS["buttons"] or self.chosen(value) is not None)

    def chosen(self, value: str) -> Entry | None:
        """The FAQ entry a quick reply stands for."""
        return self.knowledge.faq.get(value.removeprefix(FAQ_PREFIX)) if value.startswith(FAQ_PREFIX) else None


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


def _language(question: Question) -> Language:
    known = language_of(question.language)
    # A button's text is our own label; a timer has none.
    if known is not None and (question.value is not None or question.timer is not None):
        return known
    return detect(question.text, question.language)
