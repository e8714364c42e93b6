"""The FAQ as those who write it see it: nothing is lost, nothing is asked twice, and near questions stand together."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ContentError, TakenError
from replies.faq.table import read_faq
from replies.library import FaqFile

TABLE = """id,question,answer,language
pay,能货到付款吗,可以的，您签收时付款即可。,zh-Hans
pay,支持货到付款么,,zh-Hans
post,How long is delivery?,Three days.,en
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "faq.csv"
    file.write_text(TABLE, "utf-8")
    return file


def test_a_new_entry_stands_behind_the_others(path: Path) -> None:
    library = FaqFile(path)
    id_ = library.add(["有发票吗", " 能开 发票吗？", "有发票吗！"], " 可以，请您下单时填写抬头。 ", "zh-Hans")
    faq = read_faq(path)
    assert [entry.id for entry in faq] == ["pay", "post", id_]
    entry = faq.entries[id_]
    assert entry.questions == {"zh-Hans": ("有发票吗！", "能开 发票吗？")}
    assert entry.answers == {"zh-Hans": "可以，请您下单时填写抬头。"}
    assert faq.entries["pay"].questions["zh-Hans"] == ("能货到付款吗", "支持货到付款么")
    assert [id_ for id_, _ in library.entries("zh-Hans")] == ["pay", "post", id_]


def test_two_new_entries_have_two_ids(path: Path) -> None:
    library = FaqFile(path)
    assert library.add(["甲问题"], "您好。", "zh-Hans") != library.add(["乙问题"], "您好。", "zh-Hans")
    assert len(read_faq(path)) == 4


def test_a_file_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    library = FaqFile(tmp_path / "new" / "faq.csv")
    assert library.entries("en") == []
    library.add(["Can I pay later?"], "Yes, within 14 days.", "en")
    assert [title for _, title in library.entries("en")] == ["Can I pay later?"]


def test_an_entry_is_asked_another_way(path: Path) -> None:
    library = FaqFile(path)
    library.extend("pay", ["收到再付钱行吗", "能货到付款吗？"], "zh-Hans")
    assert read_faq(path).entries["pay"].questions["zh-Hans"] == ("能货到付款吗", "支持货到付款么", "收到再付钱行吗")
    library.extend("post", ["几天到"], "zh-Hans")  # it has no Chinese answer: the question stands where there is one
    assert read_faq(path).entries["post"].questions == {"en": ("How long is delivery?", "几天到")}


def test_what_is_asked_already_is_not_asked_twice(path: Path) -> None:
    before = path.read_bytes()
    for act in (
        lambda: FaqFile(path).add(["能貨到付款嗎?"], "您好。", "zh-Hant"),
        lambda: FaqFile(path).extend("post", ["能货到付款吗"], "zh-Hans"),
    ):
        with pytest.raises(TakenError, match="pay"):
            act()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("questions", "answer"),
    [([""], "x"), (["？！"], "x"), ([], "x"), (["a"], " "), (["a" * 1001], "x"), (["a"], "x" * 4001)],
)
def test_half_an_entry_is_none(path: Path, questions: list[str], answer: str) -> None:
    before = path.read_bytes()
    with pytest.raises(ContentError):
        FaqFile(path).add(questions, answer, "en")
    with pytest.raises(ContentError, match="no entry"):
        FaqFile(path).extend("gone", ["b"], "en")
    assert path.read_bytes() == before


def test_a_broken_file_is_left_as_it_is(path: Path) -> None:
    path.write_text("id,question\nx,y\n", "utf-8")
    with pytest.raises(ContentError, match=r"faq\.csv:1"):
        FaqFile(path).add(["b"], "c", "en")
    assert path.read_text("utf-8") == "id,question\nx,y\n"


def test_the_samples_cannot_be_changed() -> None:
    library = FaqFile(None)
    assert library.own is None
    assert library.entries("en")
    with pytest.raises(ContentError, match=r"\[faq\] path"):
        library.add(["Where is the moon?"], "In the sky.", "en")


def test_remarks_are_the_etiquettes() -> None:
    assert FaqFile(None).remarks("请您在下单时填写抬头。", "zh-Hans") == []
    (remark,) = FaqFile(None).remarks("这个我不知道。", "zh-Hans")
    assert "不知道" in remark


@pytest.mark.parametrize(
    ("texts", "groups"),
    [
        ([], []),
        (["有发票吗", "能货到付款吗"], [[0], [1]]),
        (["能开发票吗", "能货到付款吗", "能開發票嗎？", "你们能开发票吗"], [[0, 2, 3], [1]]),
        (["how long is delivery", "How long is the delivery?", "x"], [[0, 1], [2]]),
        (["a", "", "A!"], [[0, 2], [1]]),
    ],
)
def test_near_questions_stand_together(texts: list[str], groups: list[list[int]]) -> None:
    assert FaqFile(None).alike(texts) == groups
