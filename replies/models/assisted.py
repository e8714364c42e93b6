"""The brain with better models beside it: they are asked after the bot has decided, and only about the FAQ.

What they say changes what the FAQ is taken to have on the message, and then the same rules decide anew. So whatever a
model, or a customer through a model, says: the bot answers with an entry of the FAQ, asks back, or misses. Complaints,
danger, commands and everything else are decided without them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from bot.dialogue import Decision, Question
from replies.brain import Scripted
from replies.decide import decide
from replies.faq.matching import Action, Candidate, Match
from replies.faq.table import Entry, Faq
from replies.knowledge import Knowledge
from replies.models.choosing import LONGEST, Choice, chosen, faithful, request
from replies.models.endpoint import Endpoint
from replies.models.hiding import hide
from replies.models.nearness import Space, Vectors, joined, read_vectors, stacked
from replies.text import Language, language_of

RULES: Final = ("faq.answer", "faq.clarify", "miss", "miss.person")
"""The decisions that models may help with."""
OFFERED: Final = 8
PATIENCE: Final = 60.0
"""Seconds for a batch of the FAQ's own questions, which nobody waits for."""
_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class Given:
    """A matcher that knows the answer already."""

    given: Match

    def match(self, text: str, language: Language) -> Match:
        return self.given


class Assisted(Scripted):
    """`chat` chooses, `embeddings` is one more view; either may be missing. `rephrase`: the chosen answer may be put in
    the model's words where they say exactly what the entry says."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        chat: Endpoint | None = None,
        embeddings: Endpoint | None = None,
        rephrase: bool = False,
    ) -> None:
        super().__init__(knowledge)
        self.chat, self.embeddings, self.rephrase = chat, embeddings, rephrase
        self._space: Space | None = None
        self._of: Faq | None = None
        self._seen: dict[str, Vectors] = {}
        self._embedding: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Let go of the models too."""
        await super().close()
        if self._embedding is not None:
            self._embedding.cancel()
        for endpoint in (self.chat, self.embeddings):
            if endpoint is not None:
                await endpoint.close()

    async def decide(self, question: Question) -> Decision:
        """What the bot decides by itself, or better within the models' time."""
        knowledge = self.knowledge
        decision = await super().decide(question)
        if not self._helps(question, decision):
            return decision
        language = language_of(decision.language) or "zh-Hans"
        within = max(one.terms.within for one in (self.chat, self.embeddings) if one is not None)
        try:
            async with asyncio.timeout(within):
                return await self._better(question, decision, knowledge, language)
        except TimeoutError:
            return decision

    def _helps(self, question: Question, decision: Decision) -> bool:
        """Only a question of the customer's own words that the FAQ was asked about, and that is nobody's trouble."""
        exact = (decision.facts.get("faq") or {}).get("exact")
        if decision.rule not in RULES or decision.tier is not None or exact or decision.facts.get("pieces"):
            return False
        own = question.value is None and question.timer is None and 0 < len(question.text) <= LONGEST
        return own and (decision.rule != "faq.answer" or (self.rephrase and self.chat is not None))

    async def _better(
        self, question: Question, decision: Decision, knowledge: Knowledge, language: Language
    ) -> Decision:  # fmt: skip
        today = question.now.date()
        loop = asyncio.get_running_loop()
        own = match = await loop.run_in_executor(self._aside, knowledge.matcher.match, question.text, language)
        offered = list(match.candidates)
        if (space := self._ready(knowledge.faq, today)) is not None:
            near = await self._near(space, question.text, today)
            match = joined(match, space, near)
            offered += [one for one in near if one.id not in [c.id for c in offered]]
        entries = [entry for one in offered[:OFFERED] if (entry := knowledge.faq.get(one.id)) is not None]
        choice = await self._choose(question.text, entries, language, today)
        if choice is not None:
            match = _taken(choice, match, offered)
        elif match == own:
            return decision
        again = await loop.run_in_executor(self._aside, decide, question, replace(knowledge, matcher=Given(match)))
        told = {"was": decision.rule, **({} if choice is None else {"chose": choice.id or "none"})}
        again = replace(again, facts={**again.facts, "model": told})
        entry = knowledge.faq.get(choice.id) if choice is not None and choice.id else None
        return again if entry is None or choice is None else _said(again, entry, choice.text, language)

    async def _choose(
        self, text: str, entries: Sequence[Entry], language: Language, today: date
    ) -> Choice | None:  # fmt: skip
        if self.chat is None or not entries:
            return None
        body = request(text, entries, language, rephrase=self.rephrase)
        answer = await self.chat.ask("/chat/completions", body, today, body["messages"][-1]["content"])
        if answer is None:
            return None
        choice = chosen(answer, [entry.id for entry in entries])
        if choice is None:
            self.chat.spoiled()
        return choice

    # ---- the further view -------------------------------------------------------------------------------------------

    def _ready(self, faq: Faq, today: date) -> Space | None:
        """The FAQ in the model's eyes; where it is another FAQ by now, it is looked at beside everything else."""
        if self.embeddings is None:
            return None
        if self._of is not faq and (self._embedding is None or self._embedding.done()):
            self._embedding = asyncio.create_task(self._embed(faq, today))
        return self._space if self._of is faq else None

    async def _embed(self, faq: Faq, today: date) -> None:
        """Ways to ask that were looked at before an edit are not paid for again."""
        said = [(one.id, way) for one in faq for ways in one.questions.values() for way in ways]
        fresh = [way for way in dict.fromkeys(way for _, way in said) if way not in self._seen]
        for start in range(0, len(fresh), _BATCH):
            part = fresh[start : start + _BATCH]
            vectors = await self._vectors(part, today, PATIENCE)
            if vectors is None:
                return
            self._seen |= dict(zip(part, vectors, strict=True))
        self._seen = {way: self._seen[way] for _, way in said}
        if (whole := stacked([self._seen[way][None] for _, way in said])) is not None:
            self._space = await asyncio.to_thread(Space.of, [id_ for id_, _ in said], whole)
            self._of = faq
        else:
            self._seen = {}  # the model has changed meanwhile, and its vectors do not go together

    async def _near(self, space: Space, text: str, today: date) -> list[Candidate]:
        vectors = await self._vectors([hide(text)], today)
        if vectors is None or vectors.shape[1] != space.vectors.shape[1]:
            return []
        return space.nearest(vectors[0], OFFERED)

    async def _vectors(self, texts: list[str], today: date, within: float | None = None) -> Vectors | None:
        assert self.embeddings is not None
        shown = texts[0] if within is None else f"{len(texts)} ways to ask"
        answer = await self.embeddings.ask("/embeddings", {"input": texts}, today, shown, within=within)
        if answer is None:
            return None
        vectors = read_vectors(answer, len(texts))
        if vectors is None:
            self.embeddings.spoiled()
        return vectors


def _taken(choice: Choice, match: Match, offered: Sequence[Candidate]) -> Match:
    """The model's choice as a match: the entry, or nothing."""
    if choice.id is None:
        return Match(Action.MISS, None, match.candidates)
    first = next(one for one in offered if one.id == choice.id)
    rest = [one for one in match.candidates if one.id != choice.id]
    return Match(Action.ANSWER, choice.id, (first, *rest)[:3])


def _said(decision: Decision, entry: Entry, text: str, language: Language) -> Decision:
    """The entry's answer in the model's words, if they are faithful to it."""
    own = entry.answer(language)
    if not text or decision.rule != "faq.answer" or not faithful(text, own, language):
        return decision
    replies = tuple(replace(reply, text=reply.text.replace(own, text.strip(), 1)) for reply in decision.replies)
    return replace(decision, replies=replies, facts={**decision.facts, "rephrased": entry.id})
