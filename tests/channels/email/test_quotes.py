"""What is new in a mail, client by client. The shapes are those of real mail; the words are ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.email.quotes import new_text

SAMPLES = Path(__file__).parent / "quotes"


def samples(file: str) -> dict[str, str]:
    """The texts of a file, each under a line `=== name`."""
    entries = (SAMPLES / f"{file}.txt").read_text("utf-8").rstrip("\n").split("=== ")[1:]
    return {name: text.removesuffix("\n") for name, _, text in (entry.partition("\n") for entry in entries)}


CHINESE, WESTERN, INLINE, FORWARDED = map(samples, ("chinese", "western", "inline", "forwarded"))
NEW = "您好，换货的地址是深圳南山，麻烦尽快。"


@pytest.mark.parametrize("name", [*CHINESE])
def test_a_chinese_quote_is_not_new(name: str) -> None:
    assert new_text(f"{NEW}\n\n{CHINESE[name]}".split("\n")) == NEW


@pytest.mark.parametrize("name", [*WESTERN])
def test_a_western_quote_is_not_new(name: str) -> None:
    assert new_text(f"Please send it to Berlin.\n\n{WESTERN[name]}".split("\n")) == "Please send it to Berlin."


@pytest.mark.parametrize("quote", [*CHINESE.values(), *WESTERN.values()])
def test_a_mail_that_is_only_a_quote_is_shown(quote: str) -> None:
    assert new_text(quote.split("\n")).strip() == quote.strip()


@pytest.mark.parametrize("text", INLINE.values())
def test_an_answer_within_a_quote_keeps_all(text: str) -> None:
    assert new_text(text.split("\n")) == text


@pytest.mark.parametrize(
    "attribution", ["在 2024/5/6 9:12, 客服 写道:", "On Mon, May 6, 2024 at 9:12 AM Help <h@x> wrote:"]
)
def test_an_answer_below_a_quote_stands_alone(attribution: str) -> None:
    assert new_text([attribution, "> 地址？", "> 谢谢", "", "深圳南山。", "", "小王"]) == "深圳南山。\n\n小王"


@pytest.mark.parametrize("text", FORWARDED.values())
def test_a_forwarded_mail_is_content(text: str) -> None:
    assert new_text(text.split("\n")) == text


def test_a_mail_whose_subject_says_it_was_forwarded_is_content() -> None:
    text = "请处理。\n\n发件人: 张三 <z@x.cn>\n发送时间: 2024年5月6日\n收件人: 王\n主题: 投诉\n\n货坏了"
    assert new_text(text.split("\n"), forwards=True) == text
    assert new_text(text.split("\n")) == "请处理。"


SENTENCES = (
    "发件人：请填写您的名字。我不知道填什么。",
    "发自内心地感谢你们的服务！",
    "发自北京的快递一直没有到。",
    "说明书上写道：\n先按电源键，再按复位键。\n可是没有用。",
    "他在信里写道：\n货坏了。",
    "地址：<wang@example.com>:\n请发到这个邮箱。",
    "Looks good, but better:\n\n---8<---\nFrom: Li <li@x.cn>\nDate: Mon, 6 May 2024\nSubject: [PATCH] fix\n\ndiff",
    "From: Berlin\nI would like to send it to Hamburg.",
    "We ordered on Monday and my wife wrote:\n\nit never came.",
    ">From what I see, the parcel is lost.\nPlease check.",
    "收件人：王小明\n地址：深圳南山\n电话：13800000000\n请尽快发货。",
    "Sent from my shop in Berlin on Monday, the parcel never arrived, so please send it again.",
    "1. 订单号：123\n2. 时间：昨天\n3. 主题：退款",
    "----------------\n订单明细\n----------------\n手机一台",
    "On May 6 your colleague wrote:\nWe will refund.\n\nBut nothing came.",
    "Your colleague help@shop.example wrote:\nWe will refund.\n\nBut nothing came.",
    "I called at 9:12 and at 10:30 your colleague wrote:\nWe will refund.\nNothing came.",
    "Am Montag schrieb mir Ihr Kollege:\nWir erstatten.\n\nEs kam nichts.",
    "你们在5月6日的邮件里写道：\n七天内退款。\n\n可是还没有退。",
    "Bitte bis 6.5.2024 um 9:12 liefern an Help <help@shop.example>:\nBerlin",
    "De: Berlin\nPara: Hamburg\n\nQuiero cambiar.",
    "---- Please read ----\nOrder 12",
    "I bought it On 5 May 2024 at 9:12 and paid.\nWhere is it?",
    "Tarih: 6 Mayıs 2024\nKonu: iade\nLütfen",
    "Name: Wang\nDate: 6 May\nTo: Berlin\nSubject: order\nplease",
    "原始邮件\n我没有收到",
    "Versanddatum: 6.5.\nAn: Wang\nBetreff: Bestellung 12\nBitte",
)


@pytest.mark.parametrize("text", SENTENCES)
def test_what_only_looks_like_a_quote_is_kept(text: str) -> None:
    assert new_text(text.split("\n")) == text


BEFORE = ("Thanks!", "谢谢。", "Please send it to Berlin", "深圳南山，", "Size 42.")
SHARED = (
    "On Mon, May 6, 2024 at 9:12 AM Help Desk <help@shop.example> wrote:",
    "On Mon, May 6, 2024 at 9:12 AM Help Desk of the Shop <\nhelp@shop.example> wrote:",
    "On 5/6/24 09:12, Help Desk wrote:",
    '在 2024-05-06 09:12:57，"客服" <help@shop.example> 写道：',
    "客服 <help@shop.example> 于2024年5月6日周一 09:12写道：",
    "客服 於 2024/5/6 上午 09:12 寫道:",
    "Am 06.05.2024 um 09:12 schrieb Help Desk <help@shop.example>:",
    "Help Desk <help@shop.example> wrote:",
    "Help Desk <help@shop.example> escreveu (segunda, 6/05/2024 à(s) 09:12):",
    "2024年5月6日(月) 9:12 Help <help@shop.example>:",
    "---- On Mon, 06 May 2024 09:12:13 +0200 Help <help@shop.example> wrote ----",
    "-----Original Message-----",
    "------------------ 原始邮件 ------------------",
)


@pytest.mark.parametrize("attribution", SHARED)
@pytest.mark.parametrize("written", BEFORE)
@pytest.mark.parametrize("quote", ["> old", "\nold", "> old\nBerlin\n> old"])
def test_what_was_written_before_an_attribution_on_its_line_is_new(written: str, attribution: str, quote: str) -> None:
    kept = new_text(f"Hi,\n{written} {attribution}\n{quote}".split("\n"))
    assert kept.startswith(f"Hi,\n{written}")
    assert ("Berlin" in kept) or ("Berlin" not in quote)
    assert "Berlin" in quote or written != "谢谢。" or kept == "Hi,\n谢谢。"


@pytest.mark.parametrize(
    "unit", ["a", "On 1 ", "-", "<a@b> ", "wrote: ", "。", "1.1.11 11:11 ", "在2024", "&nbsp;", ">"]
)
def test_long_lines_and_many_lines_come_to_an_end(unit: str) -> None:
    assert new_text([unit * 100_000]) == (unit * 100_000).strip()
    assert new_text([unit * (390 // len(unit)) + ":"] * 2_000)


FOOTERS = (
    *(
        "发自我的iPhone",
        "发自我的 iPhone",
        "發自我的 iPhone",
        "发自我的小米手机",
        "从我的华为手机发送",
        "发自网易邮箱大师",
    ),
    *(
        "从 Windows 版邮件发送",
        "获取适用于 iOS 的 Outlook",
        "取得 iOS 版 Outlook",
        "來自我的iPhone",
        "发自 Android 版网易邮箱",
        "(发自我的iPad)",
    ),
    *("Sent from my iPhone", "Sent from Mail for Windows", "Get Outlook for Android", "Von meinem iPhone gesendet"),
    *("-- \n王小明\n某某公司 电话 0755-1234", "--\nWang", "签名由 网易邮箱大师 定制", "发自我的手机\n\n"),
)


@pytest.mark.parametrize("footer", FOOTERS)
def test_a_signature_is_not_new(footer: str) -> None:
    assert new_text(f"{NEW}\n\n{footer}".split("\n")) == NEW
    assert new_text(footer.split("\n")) == footer.strip()


def test_a_lists_footer_below_a_quote_is_no_answer() -> None:
    footer = ["_" * 47, "example mailing list", "example@lists.example", "https://lists.example/x"]
    lines = ["Berlin.", "", "On 5/6/24 09:12, Help wrote:", "> address?", "", *footer]
    assert new_text(lines) == "Berlin."


def test_a_long_text_below_two_dashes_is_no_signature() -> None:
    text = "\n".join(["第一部分", "--", *(f"第 {n} 条" for n in range(30))])
    assert new_text(text.split("\n")) == text


LINES = st.lists(
    st.sampled_from(["> 旧", "新的话", "", "谢谢", ">> older", "-- ", "在 2024/5/6 9:12, 客服 写道:", "ok"]),
    max_size=12,
)


@settings(max_examples=1000)
@given(LINES)
def test_an_answer_among_quotes_is_never_lost(lines: list[str]) -> None:
    """Whatever is written between the first and the last quoted line stands in the new text."""
    quoted = [n for n, line in enumerate(lines) if line.startswith(">")]
    written = (
        {lines[n] for n in range(quoted[0], quoted[-1]) if lines[n] in ("新的话", "谢谢", "ok")} if quoted else set()
    )
    assert written <= set(new_text(lines).split("\n"))


WORDS = st.text("abcXYZ0189,.!?;：，。在于於道写订单地址 <@>()-", min_size=1, max_size=60)
SAYINGS = st.sampled_from(
    (
        "On Monday I wrote to you at 9:12 and you sent nothing.",
        "2024年5月6日 9:12 下的订单",
        "From Berlin to Hamburg, please.",
        "我的地址 <wang@example.com>",
        "发件人写的是我，收件人是我妹妹。",
        "Am 6.5.2024 um 9:12 kam es an.",
        "客服说 在 2024年5月6日 发货",
    )
)
WRITTEN = st.lists(
    st.one_of(SAYINGS, WORDS.filter(lambda line: any(map(str.isalnum, line)) and not line.lstrip().startswith(">"))),
    min_size=1,
    max_size=6,
)


def said(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=1000, deadline=None)
@example(["客服说 在 2024年5月6日 发货"], "---- Help Desk <help@shop.example> wrote ----\n\nHello", 0)
@example(["在 2024年5月6日 发货"], "---- Help Desk <help@shop.example> wrote ----\n\nHello", 0)
@example(["nothing came", "0"], "* Help Desk <help@shop.example> [2024-05-06 09:12]:\n> Hello", 0)
@example(["2024年5月6日 9:12 下的订单"], "---- Help Desk wrote ----\n> Hello", 0)
@example(["客服说 在 2024年5月6日 发货"], "* Help Desk <help@shop.example> [2024-05-06 09:12]:\n> Hello", 0)
@example(["2024年5月6日 9:12 下的订单"], "* Help Desk <help@shop.example> [2024-05-06 09:12]:\n> Hello", 0)
@given(WRITTEN, st.sampled_from([*CHINESE.values(), *WESTERN.values()]), st.integers(0, 2))
def test_what_was_written_above_any_quote_is_kept(written: list[str], quote: str, empty: int) -> None:
    kept = new_text([*written, *[""] * empty, *quote.split("\n")])
    assert said(kept).startswith(said("".join(written)))


ATTRIBUTED = [
    entry.split("\n>")[0].rstrip().split("\n") for entry in [*CHINESE.values(), *WESTERN.values()] if "\n>" in entry
]


@settings(max_examples=1000, deadline=None)
@given(WRITTEN, st.lists(WRITTEN, min_size=1, max_size=3), st.sampled_from(ATTRIBUTED))
def test_answers_in_between_keep_all(above: list[str], answers: list[list[str]], attributed: list[str]) -> None:
    lines = [*above, "", *attributed, "> asked", *(line for answer in answers for line in ["", *answer, "> asked"])]
    kept = said(new_text(lines))
    assert all(said(line) in kept for answer in answers for line in answer)
    assert kept.startswith(said("".join(above)))
