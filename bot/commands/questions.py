"""`kefu faq import|export|build|ask|eval`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bot.commands import ground
from bot.commands.lines import arriving
from bot.errors import KefuError
from bot.settings import Settings
from replies.faq import report
from replies.faq.calibration import described
from replies.faq.decoding import read_table
from replies.faq.encoder import sentence_encoder
from replies.faq.fused import FusedMatcher, make_matcher
from replies.faq.index import Telling
from replies.faq.kept import Kept, key_of
from replies.faq.table import Faq, format_faq, read_faq
from replies.knowledge import faq_files
from replies.saving import alone, save
from replies.source import CONTENT
from replies.text import detect


def files(settings: Settings) -> list[Path]:
    """The tables of the FAQ in use: the operator's one, or those of the content folder."""
    return [settings.faq.path] if settings.faq.path else faq_files(settings.content.path or CONTENT)


def take(config: Path | None, file: Path, replace: bool) -> None:
    """Merge a file into the operator's FAQ, whole or not at all."""
    target = ground.load(config).faq.path
    if target is None:
        raise KefuError('where is your FAQ kept? Set [faq] path = "faq.csv" in kefu.toml, or KEFU_FAQ_PATH.')
    new, encoding = read_faq(file), read_table(file).encoding
    with alone(target):
        old = read_faq(target) if target.exists() else Faq()
        kept = {} if replace else old.entries
        save(target, format_faq({**kept, **new.entries}.values()))
    changed = sum(old.get(id_) not in (None, entry) for id_, entry in new.entries.items())
    added, dropped = (
        len(new.entries.keys() - old.entries.keys()),
        len(old.entries.keys() - new.entries.keys() - kept.keys()),
    )
    same = len(old) - changed - dropped
    told = f"{added} new, {changed} changed, {same} as before, {dropped} dropped"
    heard = "" if encoding == "UTF-8" else f" {file.name} was read as {encoding}."
    print(f"{target}: {told}.{heard} A running kefu takes it in by itself.")


def give(config: Path | None, file: Path | None) -> None:
    """Write the FAQ in use as one table."""
    text = format_faq(read_faq(*files(ground.load(config))))
    if file is None:
        sys.stdout.write(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    else:
        save(file, text)
        print(f"wrote {file}")


def _known(config: Path | None, faq: Path | None) -> Faq:
    return read_faq(faq) if faq else read_faq(*files(ground.load(config)))


def _matcher(config: Path | None, known: Faq, *, keep: bool = False) -> FusedMatcher:
    """As careful as the settings want it, and by meaning too unless they do not. What is built is kept where kefu keeps
    its data, or there is none yet and `keep` wants it."""
    settings = ground.load(config)
    folder, wanted = settings.index_folder, settings.faq
    kept = Kept(folder) if keep or settings.data_folder.is_dir() else None
    with shown("reading the FAQ") as told:
        encoder = sentence_encoder() if wanted.encoder else None
        rate = wanted.wrong_answers
        return make_matcher(known, encoder, wrong_answers=rate, kept=kept, told=told, calibrate=True)


@contextmanager
def shown(what: str) -> Iterator[Telling]:
    """Progress on the terminal, if standard error is one; of what takes no time nothing is seen."""
    with Progress(*Progress.get_default_columns(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda so_far: bar.update(task, completed=so_far.done, total=max(so_far.total, 1))


def build(config: Path | None, faq: Path | None) -> None:
    """Build the index of the FAQ in use, or of a file, and keep it."""
    known, began = _known(config, faq), time.perf_counter()
    matcher = _matcher(config, known, keep=True)
    index, took = matcher.index, time.perf_counter() - began
    kept = Kept(ground.load(config).index_folder).path(key_of(list(known), index.encoder))
    by = "meaning, wording and sound" if index.encoder else "wording and sound"
    print(f"{len(index.ids)} entries, {index.rows} ways to ask, found by {by}: ready after {took:.1f} s")
    print(described(matcher.own))
    print(f"kept in {kept} ({kept.stat().st_size / 1e6:.1f} MB)" if kept.exists() else "not kept")


def ask(config: Path | None, faq: Path | None, text: str | None) -> None:
    """Answer one question, or the JSON lines on standard input, one line each in the same order."""
    known = _known(config, faq)
    matcher = _matcher(config, known)
    if text is None:
        number = 1
        for lines in arriving(report.BATCH):
            for line in report.ask(lines, matcher, number):
                print(line)
            sys.stdout.flush()
            number += len(lines)
        return
    language = detect(text)
    match = matcher.match(text, language)
    print(match.action)
    for candidate in match.candidates:
        entry = known.entries[candidate.id]
        print(f"  {candidate.score:.2f}  {candidate.id}  {entry.title(language)}")
    if match.id:
        print(known.entries[match.id].answer(language))


def measure(config: Path | None, faq: Path | None, queries: Path) -> None:
    """How often the answer is right, how much is answered, and what is not."""
    matcher = _matcher(config, _known(config, faq))
    print(report.evaluate(matcher, report.read_queries(queries)).report())
    print(described(matcher.own))
