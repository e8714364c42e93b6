from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.errors import ContentError
from replies.lint import lint
from replies.source import CONTENT


@pytest.fixture
def content(tmp_path: Path, _judged_once: None) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def change(content: Path, file: str, old: str, new: str) -> int:
    """Change the first occurrence; its line."""
    path = content / file
    source = path.read_bytes().decode()
    assert old in source
    path.write_bytes(source.replace(old, new, 1).encode())
    return source[: source.index(old)].count("\n") + 1


def told(content: Path) -> list[str]:
    return [f"{Path(fault.file).relative_to(content)}:{fault.line}: {fault.text}" for fault in lint(content)]


def test_what_is_shipped_has_no_fault() -> None:
    assert lint() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        # Words, in scripts and answers.
        ("zh-Hans/scripts.toml", "不客气，很高兴能帮到您", "不客气，很高兴能帮到你", "thanks: familiar: “你”"),
        ("zh-Hant/scripts.toml", "在的，請說。", "馬上來，請說。", "here: promise: “馬上”"),
        (
            "en/scripts.toml",
            "Please go on, I am listening.",
            "I don't know.",
            "greeting_again: forbidden: “I don't know”",
        ),
        (
            "zh-Hans/complaints.toml",
            "同事核实后会在这里答复您。",
            "同事核实后会在这里答复您哦。",
            "serious: levity: “哦”",
        ),
        (
            "zh-Hans/faq.csv",
            "我们会在 24 小时内审核，通过后页面",
            "我们会尽快审核，通过后页面",
            "return_how: promise: “尽快”",
        ),
        (
            "en/faq.csv",
            "We are sorry it reached you like this.",
            "It is your mistake.",
            "damaged: blame: “It is your mistake",
        ),
        # One script a language, in labels and questions too.
        ("zh-Hant/scripts.toml", '"何時出貨"', '"何时出貨"', "[topics] ship_time: script: “时”"),
        ("en/faq.csv", "How much is shipping?", "How much is 运 shipping?", "ship_fee: script: “运”"),
        # Templates.
        (
            "en/scripts.toml",
            "{{ hello }}, this is {{ company }}.",
            "{{ hello }}, this is {{ firm }}.",
            "opening: no variable firm",
        ),
        ("en/scripts.toml", "{{ hello }}, this is {{ company }}.", "{{ hello }}, this is {{ company }.", "opening: "),
        # What must be there.
        ("zh-Hans/scripts.toml", '"解决了"', '""', "[buttons] yes is not a text"),
        ("zh-Hant/words.toml", "[choice]", "[choices]", "[choices] is not known"),
        ("en/scripts.toml", "order_status = ", "no_such_entry = ", "[topics] no_such_entry is not in the FAQ"),
        # The table.
        (
            "zh-Hant/faq.csv",
            "ship_fee,滿多少免運,,",
            "ship_fee,滿多少免運,另一個答案,",
            "ship_fee: another answer than in",
        ),
        ("zh-Hant/faq.csv", "ship_fee,滿多少免運,", "ship_fee,運費怎麼算？,", ""),
        (
            "zh-Hant/faq.csv",
            "ship_fee,滿多少免運,",
            "ship_time,運費怎麼算？,",
            "ship_time: asks the same as ship_fee in",
        ),
        (
            "zh-Hans/faq.csv",
            "ship_fee,满多少包邮,,zh-Hans",
            "ship_fee,满多少包邮,,de",
            "ship_fee: language 'de' is not known",
        ),
    ],
)
def test_each_kind_of_fault_is_found_on_its_line(content: Path, file: str, old: str, new: str, fault: str) -> None:
    line = change(content, file, old, new)
    if fault:
        assert any(one.startswith(f"{file}:{line}: {fault}") for one in told(content))
    else:
        assert told(content) == []


def test_every_finding_says_how_to_mend_it(content: Path) -> None:
    change(content, "zh-Hans/scripts.toml", "在的，请您说。", "你说。")
    change(content, "en/scripts.toml", "[kinds]", "[kind]")
    change(content, "en/words.toml", "[choice]", "[choices]")
    change(content, "zh-Hans/faq.csv", "ship_fee,运费怎么算,", ",运费怎么算,")
    faults = lint(content)
    assert len(faults) >= 4
    assert all(fault.mend for fault in faults)


def test_too_few_variants_are_told_and_repeating_one_does_not_help(content: Path) -> None:
    change(content, "en/scripts.toml", "Hello and welcome to {{ company }}.", "{{ hello }}, this is {{ company }}.")
    assert [line.partition(": ")[2] for line in told(content)] == ["opening has 2 different variants"]


def test_what_one_language_has_and_another_lacks_is_told(content: Path) -> None:
    path = content / "en" / "faq.csv"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(row for row in rows if not row.startswith("customs,")), "utf-8")
    change(content, "zh-Hant/scripts.toml", 'invoice_how = "開發票"\n', "")
    lines = [line.partition(": ")[2] for line in told(content)]
    assert lines == ["customs: missing in en", "[topics] invoice_how is missing"]


def test_a_file_that_cannot_be_read_is_one_finding(content: Path) -> None:
    (content / "en" / "words.toml").unlink()
    assert [line.partition(":")[0] for line in told(content)] == ["en/words.toml"]
    (content / "en" / "words.toml").write_bytes("[small_talk]\ngreeting = ['你好']".encode("gbk"))
    assert told(content) == ["en/words.toml:2: is not UTF-8"]


def test_a_table_of_the_operators_own_can_be_looked_at_alone(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("id,question,answer,language\nfee,运费多少,你看着给。,zh-Hans\n", "utf-8")
    for path in (table, tmp_path):
        assert [fault.text.partition(" (")[0] for fault in lint(path)] == ["fee: familiar: “你”"]


def test_a_place_with_nothing_to_look_at_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ContentError, match="neither an FAQ table"):
            lint(path)
