"""`kefu triage`: what a message means, how well that is judged, and weights of one's own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from bot.commands import ground
from bot.commands.lines import arriving
from bot.errors import KefuError
from replies.source import CONTENT, refuse
from replies.text import detect
from replies.triage import report
from replies.triage.encoder import sentence_encoder
from replies.triage.examples import read_examples
from replies.triage.judge import Judge
from replies.triage.model import WEIGHTS, load_model
from replies.triage.operators import load_lessons
from replies.triage.train import save, shipped_examples, train


def _judge(config: Path | None, weights: Path | None) -> Judge:
    settings = ground.load(config)
    lessons, faults = load_lessons(settings.content.path or CONTENT)
    refuse(faults)
    own = weights or settings.triage.weights or WEIGHTS
    encode = sentence_encoder() if settings.faq.encoder else None
    return Judge(load_model(own), lessons=lessons, encode=encode, large_loss=settings.triage.large_loss)


def judge(config: Path | None, weights: Path | None, text: str | None) -> None:
    """Judge one message, or the JSON lines on standard input, one line each in the same order."""
    judging = _judge(config, weights)
    if text is not None:
        print(report.page(text, judging.understand(text, detect(text))))
        return
    number = 1
    for lines in arriving():
        for line in report.answer(lines, judging, number):
            print(line)
        sys.stdout.flush()
        number += len(lines)


def measure(config: Path | None, weights: Path | None, file: Path) -> None:
    """Figures and a confusion matrix on labelled examples."""
    print(report.evaluate(_judge(config, weights), read_examples(file)).report())


def learn(files: Sequence[Path], weights: Path) -> None:
    """Train weights from the shipped examples and from files."""
    examples = [*shipped_examples(), *(example for file in files for example in read_examples(file))]
    if not examples:
        raise KefuError("there is nothing to learn from: name a file, --examples mine.tsv (kefu triage corrections)")
    save(train(examples, sentence_encoder(), print), weights)
    print(f'wrote {weights}. In kefu.toml: [triage] weights = "{weights}"')
