from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ContentError
from replies.faq.table import Entry, Faq, collect, contradictions, format_faq, parse, read_faq, shared_questions
from replies.text import LANGUAGES, Language, clean

HEAD = "id,question,answer,language\n"


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "faq.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(tmp_path: Path, text: str | bytes) -> list[str]:
    path = write(tmp_path, text)
    with pytest.raises(ContentError) as told:
        read_faq(path)
    return [line.removeprefix(str(path)) for line in str(told.value).splitlines()]


def test_rows_of_one_id_are_ways_to_ask_and_the_answer_stands_once(tmp_path: Path) -> None:
    text = (
        HEAD
        + "fee,运费多少,满 99 元包邮。,zh-Hans\nfee,包邮吗,,zh-CN\nfee,運費多少,滿 99 元免運。,zh-TW\nfee,包邮吗,,zh\n"
    )
    entry = read_faq(write(tmp_path, text)).get("fee")
    assert entry is not None
    assert entry.questions == {"zh-Hans": ("运费多少", "包邮吗"), "zh-Hant": ("運費多少",)}
    assert entry.answers == {"zh-Hans": "满 99 元包邮。", "zh-Hant": "滿 99 元免運。"}


def test_an_answer_may_be_repeated_and_may_come_later(tmp_path: Path) -> None:
    text = HEAD + "a,one,,en\na,two,Yes.,en\na,three,Yes.,en\n"
    assert read_faq(write(tmp_path, text)).entries["a"].answers == {"en": "Yes."}


@pytest.mark.parametrize("text", ["\ufeff" + HEAD, HEAD.upper(), HEAD.replace(",", " , "), HEAD.replace("\n", "\r\n")])
def test_a_bom_case_spaces_and_line_ends_do_not_matter(tmp_path: Path, text: str) -> None:
    assert len(read_faq(write(tmp_path, text + "a,question,answer,en\r\n\r\n,,,\r\n"))) == 1


def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path) -> None:
    text = "language,note,answer,id,question\nen,x,Yes.,a,one\n"
    assert read_faq(write(tmp_path, text)).entries["a"].answer("en") == "Yes."


def test_an_empty_language_is_read_from_the_question(tmp_path: Path) -> None:
    entries = read_faq(write(tmp_path, HEAD + "a,請問幾點關門,九點。,\nb,when do you close,At nine.,\n")).entries
    assert list(entries["a"].answers) == ["zh-Hant"]
    assert list(entries["b"].answers) == ["en"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [":1: column id, question, answer, language is missing"]),
        ("id,question,answer\na,b,c\n", [":1: column language is missing"]),
        ("id,id,question,answer,language\n", [":1: column id stands twice"]),
        (HEAD + "a,one,Yes.,en\na,two,No.,en\n", [":3: a: another answer than in "]),
        (HEAD + "a,one,,en\nb,two,Yes.,en\n", [":2: a: no answer in en"]),
        (HEAD + ",one,Yes.,en\n", [":2: has no id"]),
        (HEAD + "a,？！,Yes.,en\n", [":2: a: the question is empty"]),
        (HEAD + "a,one,Yes.,fr\n", [":2: a: language 'fr' is not known"]),
        (HEAD + "a,one, two, three,Yes.,en\n", [":2: has 6 cells instead of 4"]),
        (HEAD + 'a,"one\nline",Yes.,en\nb,two,Yes.,xx\n', [":4: b: language 'xx' is not known"]),
        (HEAD + 'a,"one,Yes.,en\nb,two,Yes.,en\n', [":2: is not CSV"]),
        (HEAD + f"a,{'x' * 1001},Yes.,en\n", [":2: a: the text is too long"]),
        (HEAD + f"a,one,{'x' * 4001},en\n", [":2: a: the text is too long"]),
        (HEAD + f"{'a' * 101},one,Yes.,en\n", [":2: id "]),
        (HEAD + f"a,{'x' * 200_000},Yes.,en\n", [":2: is not CSV"]),
        (HEAD.encode() + "a,运费,包邮,zh-Hans\n".encode() + b"b,\xff\xff\n", [":3: is not UTF-8, nor GBK or Big5"]),
        (HEAD.encode() + b"a,\x80\xff,\xff\xff,en\n", [":2: is not UTF-8"]),
        (HEAD + ",one,Yes.,en\na,one,Yes.,fr\n", [":2: has no id", ":3: a: language 'fr'"]),
    ],
)
def test_a_bad_table_is_refused_whole_with_line_and_reason(
    tmp_path: Path, text: str | bytes, faults: list[str]
) -> None:
    told = refused(tmp_path, text)
    assert len(told) == len(faults)
    assert all(line.startswith(fault) for line, fault in zip(told, faults, strict=True))


def test_a_hundred_faults_are_not_all_told(tmp_path: Path) -> None:
    told = refused(tmp_path, HEAD + ",q,a,en\n" * 100)
    assert len(told) == 21
    assert told[-1] == "… and 80 more"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"nothing\.csv.*cannot be read"):
        read_faq(tmp_path / "nothing.csv")


def test_one_question_under_two_ids_is_usable_but_told() -> None:
    rows, faults = parse(HEAD + "a,How much?,1,en\nb,how  MUCH,2,en\n", "faq.csv")
    assert not faults
    assert not contradictions(rows)
    assert [str(fault) for fault in shared_questions(rows)] == [
        "faq.csv:3: b: asks the same as a in faq.csv:2 → keep one of the two"
    ]


def test_a_customer_reads_his_own_language_or_the_nearest_there_is() -> None:
    entry = Entry("a", {"zh-Hans": ("问",), "en": ("ask",)}, {"zh-Hans": "答", "en": "answer"})
    assert (entry.answer("zh-Hant"), entry.title("zh-Hant")) == ("答", "问")
    assert (entry.answer("en"), entry.title("en")) == ("answer", "ask")
    only_hant = Entry("b", {"zh-Hant": ("問",)}, {"zh-Hant": "答"})
    assert [only_hant.answer(language) for language in ("zh-Hans", "zh-Hant", "en")] == ["答", "答", "答"]


TEXT = st.text(min_size=1, max_size=30).map(lambda text: clean(text).strip())
SAID = TEXT.filter(bool)
QUESTION = st.tuples(TEXT, st.integers(0, 999)).map(lambda parts: f"q{parts[1]} {parts[0]}".strip())
LANGUAGE: st.SearchStrategy[Language] = st.sampled_from(LANGUAGES)


@given(
    st.dictionaries(
        SAID,
        st.dictionaries(
            LANGUAGE, st.tuples(st.lists(QUESTION, min_size=1, max_size=4, unique=True).map(tuple), SAID), min_size=1
        ),
        max_size=5,
    )
)
def test_what_is_exported_is_imported_the_same(
    told: dict[str, dict[Language, tuple[tuple[str, ...], str]]],
) -> None:
    faq = Faq(
        {
            id_: Entry(
                id_, {of: ways for of, (ways, _) in spoken.items()}, {of: said for of, (_, said) in spoken.items()}
            )
            for id_, spoken in told.items()
        }
    )
    rows, faults = parse(format_faq(faq))
    assert not faults
    assert not contradictions(rows)
    assert collect(rows) == faq
