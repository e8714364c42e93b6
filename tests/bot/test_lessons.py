"""`kefu why`, `kefu triage corrections`, `kefu faq suggestions`, as an operator runs them beside a store."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from bot.dialogue import Gap
from bot.store import corrections, open_store
from tests.databases import apart
from tests.store.shop import Shop
from tests.stories.serving import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with a complaint that was none, and two questions the FAQ lacks."""
    folder = tmp_path_factory.mktemp("shop")

    async def furnish() -> None:
        store = await open_store(f"sqlite:///{folder}/kefu-data/kefu.db", serve=True)
        shop = await Shop.open(store)
        for text in ("=1+1\t能开\n发票吗", "能货到付款吗", "能货到付款吗"):
            lease = await shop.taken(text)
            await shop.commit(lease, "sorry", gap=Gap(text, "pay"), language="zh-Hans")
        lease = await shop.taken("我电话13800138000，灭火器是假的吗")
        facts = {"meant": {"evidence": [["tier.serious.fake", "假的"]]}}
        await shop.commit(lease, "您好", category="complaint", tier="serious", facts=facts)
        await store.write(corrections.correct, lease.conversation_id, shop.agent, category="inquiry")
        await store.close()

    apart(furnish())
    return folder


def out(folder: Path, *arguments: str, **settings: str) -> str:
    done = run(folder, *arguments, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_why_by_number(folder: Path) -> None:
    listed = out(folder, "why", "1")
    assert "13800138000" in listed
    seq = next(line.split()[0] for line in listed.splitlines() if "您好" in line)
    told = out(folder, "why", "1", seq, "--language", "zh-TW")
    assert "【假的】" in told
    assert "  理解為: 客訴 · 嚴重\n" in told
    assert "  規則: test\n" in told
    assert "Understood as: Complaint · Serious" in out(folder, "why", "1", seq, LC_ALL="en_US.UTF-8")
    assert "理解为: 投诉 · 严重" in out(folder, "why", "1", seq, LC_ALL="zh_CN.UTF-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("why", "1", "99"), "conversation 1 has no message 99"),
        (("why", "9"), "no conversation 9"),
        (("why", "1", "1", "--language", "tlh"), "choose zh-Hans, zh-Hant, en"),
        (("triage", "corrections", "--format", "xml"), "choose tsv or jsonl"),
    ],
)
def test_what_is_not_there_is_told(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    done = run(folder, *arguments)
    assert done.returncode == 1
    assert told in done.stderr


def test_corrections_as_a_trainer_reads_them(folder: Path) -> None:
    assert out(folder, "triage", "corrections") == (
        "text\tcategory\ttier\thuman\n我电话***，灭火器是假的吗\tinquiry\t\tno\n"
    )  # fmt: skip
    (line,) = out(folder, "triage", "corrections", "--format", "jsonl").splitlines()
    assert json.loads(line) == {
        "text": "我电话***，灭火器是假的吗", "category": "inquiry", "tier": None, "human": False,
    }  # fmt: skip


def test_suggestions_for_people_and_for_spreadsheets(folder: Path) -> None:
    assert out(folder, "faq", "suggestions").splitlines()[0] == "    2×  能货到付款吗  (near pay)"
    rows = list(csv.DictReader(io.StringIO(out(folder, "faq", "suggestions", "--csv"))))
    assert [(row["count"], row["question"], row["near"]) for row in rows] == [
        ("2", "能货到付款吗", "pay"),
        ("1", "'=1+1 能开 发票吗", "pay"),
    ]
