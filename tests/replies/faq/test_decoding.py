"""A table may come from Excel in China or in Taiwan, which do not write UTF-8."""

from __future__ import annotations

from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.faq.decoding import decode
from replies.faq.table import read_faq
from replies.knowledge import faq_files
from replies.text import LANGUAGES, Language

CONTENT = dict(zip(LANGUAGES, [path.read_text("utf-8-sig") for path in faq_files()], strict=True))
TRADITIONAL = opencc.OpenCC("s2twp").convert("运费多少？满 99 元包邮，请您放心购买。")


@pytest.mark.parametrize(
    ("text", "codec", "encoding"),
    [
        (CONTENT["zh-Hans"], "utf-8", "UTF-8"),
        (CONTENT["zh-Hans"], "utf-8-sig", "UTF-8"),
        (CONTENT["zh-Hans"], "utf-16", "UTF-16"),
        (CONTENT["en"].encode("ascii", "ignore").decode(), "ascii", "UTF-8"),
        (CONTENT["zh-Hans"].encode("gbk", "ignore").decode("gbk"), "gbk", "GBK"),
        (CONTENT["zh-Hant"].encode("cp950", "ignore").decode("cp950"), "cp950", "Big5"),
        ("id\n退款", "gbk", "GBK"),
        ("id\n運費多少", "cp950", "Big5"),
        ("運費係幾多？我想知道點樣退貨嘅，佢哋幾時開門㗎", "big5hkscs", "Big5"),
        (TRADITIONAL, "cp950", "Big5"),
        ("𠮷野家几点开门", "gb18030", "GBK"),
    ],
)
def test_what_it_is_written_in_is_found_out(text: str, codec: str, encoding: str) -> None:
    found = decode(text.encode(codec))
    assert (found.text, found.encoding) == (text, encoding)


@pytest.mark.parametrize(("language", "codec", "encoding"), [("zh-Hans", "gbk", "GBK"), ("zh-Hant", "cp950", "Big5")])
def test_a_few_rows_are_enough_to_tell(language: Language, codec: str, encoding: str) -> None:
    rows = CONTENT[language].splitlines()[1:]
    for first in range(0, len(rows), 4):
        data = "\n".join(rows[first : first + 4]).encode(codec, "ignore")
        found = decode(data)
        assert (found.encoding, found.text) == (encoding, data.decode(codec))


@given(st.binary(max_size=80))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    try:
        found = decode(data)
    except UnicodeDecodeError:
        return
    assert found.encoding in ("UTF-8", "UTF-16", "GBK", "Big5")


@pytest.mark.parametrize(("codec", "language"), [("gbk", "zh-Hans"), ("cp950", "zh-Hant")])
def test_a_table_in_it_is_an_faq(tmp_path: Path, codec: str, language: str) -> None:
    path = tmp_path / "faq.csv"
    question, answer = ("运费多少", "满额包邮。") if language == "zh-Hans" else ("運費多少", "滿額免運費。")
    path.write_bytes(f"id,question,answer,language\nfee,{question},{answer},\n".encode(codec))
    (entry,) = read_faq(path)
    assert (entry.questions, entry.answers) == ({language: (question,)}, {language: answer})
