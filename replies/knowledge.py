"""Everything a decision may look up, loaded once and never changed: scripts, words, triage, FAQ and its matcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from replies.duty import Duty
from replies.faq.fused import make_matcher
from replies.faq.kept import Kept
from replies.faq.matching import Matcher
from replies.faq.table import Faq, read_faq
from replies.forms.content import load_forms
from replies.forms.fields import Forms
from replies.public import PublicTerms
from replies.scripts import Brand, Scripts
from replies.sheets import load_scripts
from replies.source import CONTENT, refuse
from replies.text import LANGUAGES, Language
from replies.triage import Triage
from replies.triage.judge import Encode, Judge
from replies.triage.model import WEIGHTS, load_model
from replies.triage.operators import load_lessons
from replies.triage.signs import LARGE_LOSS
from replies.words import Words, load_words


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What `decide` knows. Any part can be another: `dataclasses.replace(knowledge, matcher=…)`.

    `duty`: when people answer letters. `public`: what may be answered in public. `zone`: the clock of the greeting,
    None for no clock. `most_a_minute`: more messages of one conversation in a minute are a flood.
    """

    scripts: Scripts
    words: Words
    triage: Triage
    faq: Faq
    matcher: Matcher
    brand: Mapping[Language, Brand]
    forms: Forms = field(default_factory=Forms)
    duty: Duty = field(default_factory=Duty)
    public: PublicTerms = field(default_factory=PublicTerms)
    most_a_minute: int = 20
    zone: tzinfo | None = None


def load_knowledge(
    content: Path = CONTENT,
    *,
    faq: Faq | None = None,
    matcher: Matcher | None = None,
    encode: Encode | None = None,
    weights: Path | None = None,
    large_loss: int = LARGE_LOSS,
    company: str | None = None,
    hours: str | None = None,
    kept: Kept | None = None,
    zone: tzinfo | None = None,
    duty: Duty | None = None,
    public: PublicTerms | None = None,
) -> Knowledge:
    """Read a content folder; raises ContentError with file and line of every fault.

    Without `faq` the folder's own `*/faq.csv` are the FAQ, without `matcher` one by wording alone finds its entries,
    its index being taken from what is `kept`. `encode` turns sentences into vectors, with which triage judges better
    than by words alone; `weights` are triage's own instead of the shipped, and from a loss of `large_loss` (CNY) on a
    complaint is serious. `company` and `hours` stand for the scripts' [brand] in every language; another company
    without hours says none, since the hours written there are not its own.
    """
    scripts = load_scripts(content)
    words, faults = load_words(content)
    forms, form_faults = load_forms(content)
    lessons, lesson_faults = load_lessons(content)
    refuse([*faults, *form_faults, *lesson_faults])
    entries = read_faq(*faq_files(content)) if faq is None else faq
    return Knowledge(
        scripts=scripts,
        words=words,
        triage=Judge(load_model(weights or WEIGHTS), lessons=lessons, encode=encode, large_loss=large_loss),
        faq=entries,
        matcher=make_matcher(entries, kept=kept) if matcher is None else matcher,
        brand={language: _brand(scripts, language, company, hours) for language in LANGUAGES},
        forms=forms,
        zone=zone,
        duty=duty or Duty(),
        public=public or PublicTerms(),
    )


def faq_files(content: Path = CONTENT) -> list[Path]:
    """The FAQ tables of a content folder, one a language."""
    return [path for language in LANGUAGES if (path := content / language / "faq.csv").exists()]


def _brand(scripts: Scripts, language: Language, company: str | None, hours: str | None) -> Brand:
    brand = scripts.catalogues[language].brand
    if company is not None:
        return Brand(company, hours or "")
    return Brand(brand.company, brand.hours if hours is None else hours)
