"""`kefu faq import|export|ask|eval`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.commands import ground
from bot.errors import KefuError
from bot.settings import Settings
from replies.faq import report
from replies.faq.encoder import sentence_encoder
from replies.faq.fused import FusedMatcher, make_matcher
from replies.faq.table import Faq, format_faq, read_faq
from replies.knowledge import faq_files
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
    new = read_faq(file)
    old = read_faq(target) if target.exists() else Faq()
    kept = {} if replace else old.entries
    _write(target, format_faq({**kept, **new.entries}.values()))
    changed = sum(old.get(id_) not in (None, entry) for id_, entry in new.entries.items())
    added, dropped = (
        len(new.entries.keys() - old.entries.keys()),
        len(old.entries.keys() - new.entries.keys() - kept.keys()),
    )
    same = len(old) - changed - dropped
    told = f"{added} new, {changed} changed, {same} as before, {dropped} dropped"
    print(f"{target}: {told}. A running kefu takes it in by itself.")


def give(config: Path | None, file: Path | None) -> None:
    """Write the FAQ in use as one table."""
    text = format_faq(read_faq(*files(ground.load(config))))
    if file is None:
        sys.stdout.write(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    else:
        _write(file, text)
        print(f"wrote {file}")


def _write(path: Path, text: str) -> None:
    """All or nothing: a reader never sees half a file."""
    half = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(text.encode())
        os.replace(half, path)
    except OSError as error:
        raise KefuError(f"{path}: cannot be written: {error.strerror}.") from error


def _known(config: Path | None, faq: Path | None) -> Faq:
    return read_faq(faq) if faq else read_faq(*files(ground.load(config)))


def _matcher(config: Path | None, known: Faq) -> FusedMatcher:
    """As careful as the settings want it, and by meaning too unless they do not."""
    wanted = ground.load(config).faq
    return make_matcher(known, sentence_encoder() if wanted.encoder else None, wrong_answers=wanted.wrong_answers)


def ask(config: Path | None, faq: Path | None, text: str | None) -> None:
    """Answer one question, or the JSON lines on standard input, one line each in the same order."""
    known = _known(config, faq)
    matcher = _matcher(config, known)
    if text is None:
        for line in report.ask(sys.stdin, matcher):
            print(line, flush=True)
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
    print(report.evaluate(_matcher(config, _known(config, faq)), report.read_queries(queries)).report())
