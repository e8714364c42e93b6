"""`kefu faq import|export|ask|eval`."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.commands import ground
from bot.errors import ContentError, KefuError
from bot.settings import Settings
from replies.faq.lexical import LexicalMatcher
from replies.faq.matching import Action, Match
from replies.faq.table import Faq, format_faq, read_faq
from replies.knowledge import faq_files
from replies.source import CONTENT, read_source
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
    print(f"{target}: {added} new, {changed} changed, {same} as before, {dropped} dropped. Restart kefu to use it.")


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


def ask(config: Path | None, faq: Path | None, text: str | None) -> None:
    """Answer one question, or the JSON lines on standard input, one line each in the same order."""
    known = _known(config, faq)
    matcher = LexicalMatcher(known)
    if text is None:
        for asked in _asked(sys.stdin):
            print(json.dumps(_line(matcher.match(asked, detect(asked))), ensure_ascii=False), flush=True)
        return
    language = detect(text)
    match = matcher.match(text, language)
    print(match.action)
    for candidate in match.candidates:
        entry = known.entries[candidate.id]
        print(f"  {candidate.score:.2f}  {candidate.id}  {entry.title(language)}")
    if match.id:
        print(known.entries[match.id].answer(language))


def _asked(lines: Any) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError):
            text = None
        if not isinstance(text, str):
            raise KefuError(f'standard input, line {number}: not a line like {{"text": "…"}}.')
        yield text


def _line(match: Match) -> dict[str, Any]:
    candidates = [{"id": c.id, "score": round(c.score, 4)} for c in match.candidates]
    return {"action": str(match.action), "id": match.id, "candidates": candidates}


def measure(config: Path | None, faq: Path | None, queries: Path) -> None:
    """How often the answer is right, how much is answered, and what is not."""
    matcher = LexicalMatcher(_known(config, faq))
    asked = [(text, id_, matcher.match(text, detect(text))) for text, id_ in _queries(queries)]
    answered = [(id_, match) for _, id_, match in asked if match.action is Action.ANSWER]
    has = [(text, id_, match) for text, id_, match in asked if id_]
    right = sum(match.id == id_ for id_, match in answered)
    silent = sum(match.action is not Action.ANSWER for _, id_, match in asked if not id_)
    offered = sum(m.action is Action.CLARIFY and id_ in [c.id for c in m.candidates] for _, id_, m in has)
    first = sum(bool(match.candidates) and match.candidates[0].id == id_ for _, id_, match in has)
    print(f"questions                      {len(asked)}, of which {len(asked) - len(has)} have no answer in the FAQ")
    print(f"accuracy of what was answered  {_share(right, len(answered))}")
    print(f"coverage, answered at once     {_share(sum(m.action is Action.ANSWER for *_, m in has), len(has))}")
    print(f"right one among those offered  {_share(offered, len(has))}")
    print(f"right one stands first         {_share(first, len(has))}")
    print(f"no answer, and none given      {_share(silent, len(asked) - len(has))}")
    print("\nnot answered right: wanted, did, best candidate, question")
    for text, id_, match in asked:
        if (match.id or "") != id_:
            best = match.candidates[0].id if match.candidates else "-"
            print(f"  {id_ or '(none)'}\t{match.action}\t{best}\t{text}")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} ({part} of {whole})" if whole else "– (none)"


def _queries(path: Path) -> list[tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(read_source(path), newline=""))
    if not {"text", "id"} <= set(rows.fieldnames or ()):
        raise ContentError(f"{path}:1: the first line must be text,id")
    return [((row["text"] or "").strip(), (row["id"] or "").strip()) for row in rows if row["text"]]
