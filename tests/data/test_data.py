"""The held-out sets have the shape, the balance and the labels they claim."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).parent
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
CATEGORIES = {"inquiry", "complaint", "suggestion", "business", "praise", "chitchat", "abuse"}
LEAST = {"critical": 30, "serious": 35, "moderate": 30, "minor": 25}
# Characters that only one of the two scripts writes: enough to tell a file's column from a slip of the pen.
SIMPLIFIED = set("们这给钱过还说没时问订单货账价费买卖开门现对话发电车师傅电动气网络员务质")
TRADITIONAL = set("們這給錢過還說沒時問訂單貨帳價費買賣開門現對話發電車師傅動氣網絡員務質")
ALARMING = {
    "zh-Hans": re.compile("律师|12315|消协|起诉|法院|投诉|假|炸|爆|火|死|杀|电击|烫|刹车|煤气|记者|新闻|骗|盗|毒|急救"),
    "zh-Hant": re.compile("律師|消保|消委|起訴|官司|訴|假|炸|爆|火|死|殺|電擊|燙|煞車|瓦斯|記者|新聞|騙|盜|毒|急救"),
    "en": re.compile("(?i)lawyer|sue|court|fire|complain|dying|kill|bomb|shock|fake|scam|fraud|burn|gas|murder|brake"),
}


def rows(name: str) -> list[dict[str, str]]:
    """The lines of a TSV file by the names in its first line."""
    head, *lines = (DATA / name).read_bytes().decode("utf-8").rstrip("\n").split("\n")
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


TRIAGE = rows("triage_heldout.tsv")
ETIQUETTE = rows("etiquette_faults.tsv")


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


FAQ = {row["id"]: row for row in table("faq_zh.csv")}
QUERIES = table("faq_zh_queries.csv")


def in_script(text: str, language: str) -> bool:
    if language == "en":
        return not re.search("[\u4e00-\u9fff]", text)
    foreign = (SIMPLIFIED - TRADITIONAL) if language == "zh-Hant" else (TRADITIONAL - SIMPLIFIED)
    return not set(text) & foreign


KINDS = {
    "informal",
    "please",
    "forbidden",
    "blame",
    "promise",
    "counter_question",
    "negative",
    "doubt",
    "light",
    "sarcasm",
    "excuse",
}


@pytest.mark.parametrize("path", sorted(DATA.glob("*.[tc]sv")), ids=lambda path: path.name)
def test_plain_utf8_without_a_mark_or_stray_spaces(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert not text.startswith("\ufeff")
    assert "\r" not in text
    assert text.endswith("\n")
    assert not re.search(r"[ \u3000]$|[\u200b\u00a0]", text, re.M)


def test_everything_together_is_small() -> None:
    assert sum(path.stat().st_size for path in DATA.glob("*.[tc]sv")) < 640_000


def test_triage_has_no_duplicates_and_only_known_labels() -> None:
    assert max(Counter(row["text"] for row in TRIAGE).values()) == 1
    for row in TRIAGE:
        assert row["category"] in CATEGORIES, row
        assert row["language"] in LANGUAGES, row
        assert row["human"] in {"yes", "no"}, row
        assert (row["tier"] in LEAST) == (row["category"] == "complaint"), row
        assert 1 <= len(row["text"]) <= 400, row


def test_triage_asks_for_a_person_where_the_handbook_does() -> None:
    for row in TRIAGE:
        if row["category"] == "complaint":
            assert (row["human"] == "yes") == (row["tier"] != "minor"), row
        elif row["human"] == "yes":
            assert row["category"] == "inquiry", row


@pytest.mark.parametrize("language", LANGUAGES)
def test_triage_is_balanced(language: str) -> None:
    own = [row for row in TRIAGE if row["language"] == language]
    complaints = [row for row in own if row["category"] == "complaint"]
    assert len(own) >= 300
    assert abs(len(own) - len(TRIAGE) / 3) < 15
    assert {row["category"] for row in own} == CATEGORIES
    assert 0.40 <= len(complaints) / len(own) <= 0.50
    tiers = Counter(row["tier"] for row in complaints)
    assert all(tiers[tier] >= least for tier, least in LEAST.items()), tiers
    lengths = [len(row["text"]) for row in own]
    assert min(lengths) <= 5
    assert max(lengths) >= 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_triage_has_traps_that_must_not_alarm(language: str) -> None:
    calm = [row for row in TRIAGE if row["language"] == language and row["tier"] in {"-", "minor"}]
    traps = [row for row in calm if row["category"] != "abuse" and ALARMING[language].search(row["text"])]
    assert len(traps) >= 40, len(traps)


def test_texts_are_in_the_script_they_claim() -> None:
    assert [row for row in TRIAGE if not in_script(row["text"], row["language"])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_etiquette_plants_enough_faults_of_each_kind(language: str) -> None:
    kinds = Counter(row["kind"] for row in ETIQUETTE if row["language"] == language)
    assert set(kinds) == (KINDS | {"clean"}) - ({"informal"} if language == "en" else set())
    assert kinds.pop("clean") >= 265
    assert min(kinds.values()) >= 30, kinds


def test_etiquette_faults_are_in_their_texts() -> None:
    assert max(Counter(row["text"] for row in ETIQUETTE).values()) == 1
    for row in ETIQUETTE:
        if row["kind"] == "clean":
            assert row["fault words"] == "-", row
        else:
            assert row["fault words"] in row["text"], row
        assert in_script(row["text"], row["language"]), row


def test_etiquette_clean_replies_use_the_courteous_you() -> None:
    """你 in a clean reply stands only inside quotation marks or a title."""
    for row in ETIQUETTE:
        if row["kind"] == "clean":
            assert "你" not in re.sub("[《“「〈][^》”」〉]*[》”」〉]", "", row["text"]), row


def variant(name: str) -> dict[str, str]:
    return {row["id"]: row["text"] for row in QUERIES if row["variant"] == name}


def test_faq_has_one_question_an_entry() -> None:
    assert len(FAQ) == len(table("faq_zh.csv")) == 320
    assert len({row["question"] for row in FAQ.values()}) == len({row["answer"] for row in FAQ.values()}) == 320
    assert Counter(key.split("-")[0] for key in FAQ) == dict.fromkeys(
        ("shop", "bank", "telecom", "travel", "property", "game", "edu", "medical"), 40
    )
    for row in FAQ.values():
        assert row["language"] == "zh-Hans", row
        assert in_script(row["question"] + row["answer"], "zh-Hans"), row
        assert "你" not in row["answer"], row


def test_faq_queries_ask_for_entries_that_exist_or_for_none() -> None:
    counts = Counter(row["variant"] for row in QUERIES)
    assert {counts[name] for name in ("paraphrase", "traditional", "typo")} == {320}
    assert counts["out_near"] + counts["out_open"] >= 300
    assert min(counts["out_near"], counts["out_open"]) >= 140
    for row in QUERIES:
        assert row["id"] in FAQ if not row["variant"].startswith("out_") else row["id"] == "", row
    assert set(variant("paraphrase")) == set(variant("traditional")) == set(variant("typo")) == set(FAQ)


def test_faq_queries_differ_from_the_questions_and_from_one_another() -> None:
    texts = [row["text"] for row in QUERIES if row["variant"] != "traditional"]
    assert len(set(texts)) == len(texts)
    assert not set(texts) & {row["question"] for row in FAQ.values()}


def test_faq_typos_exchange_one_or_two_characters() -> None:
    typos = variant("typo")
    for key, text in variant("paraphrase").items():
        assert sum(a != b for a, b in zip(text, typos[key], strict=True)) in (1, 2), (text, typos[key])


def test_faq_traditional_queries_are_traditional() -> None:
    assert [text for text in variant("traditional").values() if not in_script(text, "zh-Hant")] == []


def test_faq_paraphrases_are_as_hard_as_they_claim() -> None:
    """Pairs of characters shared with the entry's question: three or more in most, none in some."""
    shared = [
        len({text[i : i + 2] for i in range(len(text) - 1)} & {q[i : i + 2] for i in range(len(q) - 1)})
        for key, text in variant("paraphrase").items()
        for q in (FAQ[key]["question"],)
    ]
    assert 0.5 < sum(n >= 3 for n in shared) / len(shared) < 0.75
    assert 0.1 < sum(n == 0 for n in shared) / len(shared) < 0.3


FRESH_TRIAGE = rows("triage_fresh.tsv")
FRESH_ETIQUETTE = rows("etiquette_fresh.tsv")
FRESH_FAQ = {row["id"]: row["question"] for row in table("faq_fresh.csv")}
FRESH_QUERIES = table("faq_fresh_queries.csv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_fresh_triage_is_labelled_and_mixed(language: str) -> None:
    own = [row for row in FRESH_TRIAGE if row["language"] == language]
    assert len({row["text"] for row in own}) == len(own) == 180
    assert {row["category"] for row in own} == CATEGORIES
    tiers = Counter(row["tier"] for row in own if row["category"] == "complaint")
    assert tiers == {"critical": 20, "serious": 32, "moderate": 28, "minor": 18}
    for row in own:
        assert (row["tier"] == "-") == (row["category"] != "complaint"), row
        asked = row["human"] == "yes"
        assert asked == (row["tier"] not in {"minor", "-"}) or (asked and row["category"] == "inquiry"), row
        assert in_script(row["text"], language), row


@pytest.mark.parametrize("language", LANGUAGES)
def test_fresh_etiquette_plants_ten_faults_of_each_kind(language: str) -> None:
    own = [row for row in FRESH_ETIQUETTE if row["language"] == language]
    kinds = KINDS - ({"informal"} if language == "en" else set())
    assert Counter(row["kind"] for row in own) == dict.fromkeys(kinds, 10) | {"clean": 120}
    assert len({row["text"] for row in own}) == len(own)
    for row in own:
        assert (row["fault words"] == "-") if row["kind"] == "clean" else row["fault words"] in row["text"], row
        assert row["kind"] != "clean" or "你" not in row["text"], row
        assert in_script(row["text"], language), row


THIRD_TRIAGE = rows("triage_third.tsv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_third_triage_is_labelled_and_mixed(language: str) -> None:
    own = [row for row in THIRD_TRIAGE if row["language"] == language]
    assert len({row["text"] for row in own}) == len(own) == 152
    assert {row["category"] for row in own} == CATEGORIES
    tiers = Counter(row["tier"] for row in own if row["category"] == "complaint")
    assert tiers == {"critical": 20, "serious": 20, "moderate": 16, "minor": 16}
    for row in own:
        assert (row["tier"] == "-") == (row["category"] != "complaint"), row
        assert (row["human"] == "yes") == (row["tier"] not in {"minor", "-"}), row
        assert in_script(row["text"], language), row


THIRD_ETIQUETTE = rows("etiquette_third.tsv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_third_etiquette_plants_nine_faults_of_each_kind(language: str) -> None:
    own = [row for row in THIRD_ETIQUETTE if row["language"] == language]
    kinds = dict.fromkeys(KINDS - {"informal"}, 9) | ({} if language == "en" else {"informal": 13})
    assert Counter(row["kind"] for row in own if row["kind"] != "clean") == kinds
    assert len({row["text"] for row in own}) == len(own) == sum(kinds.values()) + 51
    for row in own:
        assert (row["fault words"] == "-") if row["kind"] == "clean" else row["fault words"] in row["text"], row
        assert in_script(row["text"], language), row


FOURTH_ETIQUETTE = rows("etiquette_fourth.tsv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_fourth_etiquette_plants_eight_faults_of_the_three_kinds_that_are_hardest_to_see(language: str) -> None:
    own = [row for row in FOURTH_ETIQUETTE if row["language"] == language]
    assert Counter(row["kind"] for row in own) == {"blame": 8, "excuse": 8, "sarcasm": 8, "clean": 34}
    assert len({row["text"] for row in own}) == len(own)
    for row in own:
        assert (row["fault words"] == "-") if row["kind"] == "clean" else row["fault words"] in row["text"], row
        assert row["kind"] != "clean" or "你" not in row["text"], row
        assert in_script(row["text"], language), row


def test_fresh_faq_asks_each_entry_once_in_each_way() -> None:
    of = {
        name: {row["id"]: row["text"] for row in FRESH_QUERIES if row["variant"] == name}
        for name in ("paraphrase", "traditional", "typo")
    }
    assert len(FRESH_FAQ) == len(set(FRESH_FAQ.values())) == 200
    assert all(set(texts) == set(FRESH_FAQ) for texts in of.values())
    outside = [row["text"] for row in FRESH_QUERIES if row["variant"] == "out_open"]
    assert len(set(outside)) == len(outside) == len(FRESH_QUERIES) - 600 == 150
    assert not set(FRESH_FAQ.values()) & ({*outside} | {*of["paraphrase"].values()})
    assert [text for text in of["traditional"].values() if not in_script(text, "zh-Hant")] == []
    for key, text in of["paraphrase"].items():
        assert sum(a != b for a, b in zip(text, of["typo"][key], strict=True)) in (1, 2), text


def long_enough(text: str) -> bool:
    """Whether two people would hardly write just this."""
    return len(text) >= (8 if re.search("[\u4e00-\u9fff]", text) else 20)


def test_no_line_is_known_to_what_it_judges() -> None:
    """A set that rules, examples or content have read says nothing."""
    replies = DATA.parents[1] / "replies"
    known = "\n".join(
        path.read_text(encoding="utf-8")
        for path in replies.rglob("*")
        if path.suffix in {".py", ".toml", ".tsv", ".csv", ".txt", ".json", ".jsonl"}
    )
    assert len(known) > 50_000
    texts = {row["text"] for row in TRIAGE + QUERIES + FRESH_TRIAGE + FRESH_QUERIES + THIRD_TRIAGE}
    texts |= {
        row["text"]
        for row in ETIQUETTE + FRESH_ETIQUETTE + THIRD_ETIQUETTE + FOURTH_ETIQUETTE
        if row["kind"] != "clean"
    }
    assert sorted(text for text in texts if long_enough(text) and text in known) == []
