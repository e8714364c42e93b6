"""`kefu triage`: what other programs and people are told about messages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bot.conftest import Kefu

KEYS = {"category", "tier", "needs_human", "evidence", "language"}
"""What programs rely on."""
HEAD = "text\tcategory\ttier\thuman\n"


def judged(kefu: Kefu, patch: pytest.MonkeyPatch, lines: str) -> list[dict[str, Any]]:
    with kefu.write("asked", lines).open(encoding="utf-8") as stdin:
        patch.setattr(sys, "stdin", stdin)
        ended = kefu("triage", "--jsonl")
    assert ended.code == 0
    return [json.loads(line) for line in ended.out.splitlines()]


def test_every_line_is_answered_in_its_order(kefu: Kefu, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        "充电器插上就冒烟，差点着火",
        "請問有分期嗎",
        "let me talk to an agent",
        "我要去法院起诉你们",
        "滚蛋，一群白痴",
    ]
    told = judged(kefu, monkeypatch, "\n".join(json.dumps({"text": text}) for text in texts))
    assert all(one.keys() >= KEYS for one in told)
    assert [(one["category"], one["tier"], one["needs_human"], one["language"]) for one in told] == [
        ("complaint", "critical", True, "zh-Hans"),
        ("inquiry", None, False, "zh-Hant"),
        ("inquiry", None, True, "en"),
        ("complaint", "serious", True, "zh-Hans"),
        ("abuse", None, False, "zh-Hans"),
    ]
    assert all(words in texts[0] for words in told[0]["evidence"])
    assert told[0]["evidence"]


def test_a_line_that_makes_no_sense_is_answered_too(kefu: Kefu, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ['{"text": "你好"}', "rubbish", "", '{"txt": 1}', '{"text": null}', json.dumps({"text": "吵" * 100_000})]
    told = judged(kefu, monkeypatch, "\n".join(lines))
    assert [one.get("error", "")[:6] for one in told] == ["", "line 2", "line 4", "line 5", ""]
    assert all(one.keys() >= KEYS for one in told)


def test_people_read_what_decided(kefu: Kefu) -> None:
    out = kefu("triage", "电饭煲冒烟起火了，订单号 A123456，我要退款三千块").out
    assert out.startswith("complaint · critical")
    for told in ("needs a person", "danger: fire", "wishes: refund", "amount: 3000", "orders: A123456"):
        assert told in out
    assert "12345" not in out.replace("A123456", ""), "an order's number is no hotline"


def test_labelled_examples_are_measured(kefu: Kefu) -> None:
    rows = (
        "text\tcategory\ttier\thuman\n充电器冒烟了\tcomplaint\tcritical\tyes\n你们几点开门\tcomplaint\tserious\tyes\n"
    )
    ended = kefu("triage", "eval", kefu.write("examples.tsv", rows))
    assert ended.code == 0
    assert "category 0.500" in ended.out
    assert "critical 1.000 serious 0.000" in ended.out
    broken = kefu("triage", "eval", kefu.write("broken.tsv", rows + "三列\tcomplaint\thuge\tyes\n"))
    assert broken.code == 1
    assert "broken.tsv:4" in broken.err


def test_what_was_trained_is_used(kefu: Kefu, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bot.commands.judging.shipped_examples", list)
    monkeypatch.setattr("bot.commands.judging.sentence_encoder", lambda: None)
    nothing = kefu("triage", "train")
    assert nothing.code == 1
    assert "--examples" in nothing.err
    labels = {"蓝莓到账": "praise", "青瓜要换": "business", "白云几点": "inquiry", "红薯太棒": "suggestion"}
    rows = [f"{text}{n}号\t{label}\t-\tno" for text, label in labels.items() for n in "一二三四五六七八九十"]
    file = kefu.write("mine.tsv", HEAD + "\n".join(rows) + "\n")
    assert kefu("triage", "train", "--examples", file).code == 0
    for text, label in labels.items():
        assert kefu("triage", "judge", text + "百号", "--weights", tmp_path / "triage.npz").out.startswith(label)


@pytest.mark.parametrize(("settings", "tier"), [("", "serious"), ("[triage]\nlarge_loss = 100000\n", "moderate")])
def test_the_operator_says_from_which_loss_a_complaint_is_serious(kefu: Kefu, settings: str, tier: str) -> None:
    config = kefu.write("kefu.toml", settings)
    assert f"complaint · {tier}" in kefu("triage", "沙发运坏了，损失八千块，赔我", "--config", str(config)).out
