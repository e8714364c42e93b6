"""Answers as Chinese mail programs send them, in HTML: what their users wrote is never lost, wherever they wrote it.
The shapes are those of real mail; the words are generated."""

from __future__ import annotations

import html
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.reading import read

Quote = Callable[[str], str]
"""A client's way to quote what is inside; `{/}` and `{+}` stand where an answer breaks the quote in two."""

ASKED = ("您好，请问换货寄到哪里？", "杯子要哪一种颜色？", "祝您生活愉快。")
WHEN = "2026年11月20日(星期五) 上午9:12"


def labelled(*names: str, line: str = "<div><b>{}：</b>&nbsp;{}</div>") -> str:
    told = ("客服&lt;support@shop.example&gt;", WHEN, "王&lt;wang@qq.com&gt;", "换货")
    return "".join(line.format(name, value) for name, value in zip(names, told, strict=True))


def broken(before: str, opening: str, after: str = "") -> Quote:
    """A quote in a blockquote."""
    return lambda inside: (
        f"{before}{opening}{inside.replace('{/}', '</blockquote>').replace('{+}', opening)}</blockquote>{after}"
    )


HEAD = labelled("发件人", "发送时间", "收件人", "主题")
TABLE = labelled("发件人", "发送日期", "收件人", "主题", line="<tr><td>{}</td><td>{}</td></tr>")
SET_IN: dict[str, Quote] = {
    "163": broken(
        '<p>在 2026-11-20 09:12:00，"客服" &lt;support@shop.example&gt; 写道：</p>', '<blockquote id="isReplyContent">'
    ),
    "163 in English": broken(
        '<pre>At 2026-11-20 09:12:00, "客服" &lt;support@shop.example&gt; wrote:</pre>',
        '<blockquote id="isReplyContent" style="padding-left:1ex">',
    ),
    "NetEase Master": broken(
        f'<div class="ntes-mailmaster-quote"><div>---- 回复的原邮件 ----</div><table>{TABLE}</table>',
        '<blockquote style="margin:0">', "</div>",
    ),
    "Foxmail": broken("<hr>", f'<blockquote style="margin-top:0"><div style="border:none">{HEAD}</div>'),
    "Apple Mail": broken(
        "<div><br></div>",
        '<blockquote type="cite"><div>在 2026年11月20日，上午9:12，客服 &lt;support@shop.example&gt; 写道：</div>',
    ),
    "Gmail": broken(
        '<div class="gmail_attr">客服 &lt;support@shop.example&gt; 于2026年11月20日周五 09:12写道：<br></div>',
        '<blockquote class="gmail_quote">',
    ),
    "DingTalk": broken(f"<div>{'-' * 66}</div>{HEAD}<br>", '<blockquote style="margin-right:0">'),
    "Thunderbird": broken(
        '<div class="moz-cite-prefix">在 2026/11/20 9:12, 客服 写道:<br></div>', '<blockquote type="cite">'
    ),
}  # fmt: skip
NOT_SET_IN: dict[str, Quote] = {
    "QQ": lambda inside: (
        f"<div>------------------&nbsp;原始邮件&nbsp;------------------</div>{HEAD}<div>{inside}</div>"
    ),
    "WeCom": lambda inside: (
        f'<div class="xm_mail_oringinal_describe"><div>------------------&nbsp;Original&nbsp;------------------</div>'
        f"{HEAD}</div>{inside}"
    ),
    "Outlook": lambda inside: f'<div style="border-top:solid #E1E1E1 1pt">{HEAD}</div>{inside}',
}
WORDS = st.text("您好收到谢谢订单退款换货地址深圳南山区0123，。！", min_size=2, max_size=30).map(
    lambda told: f"答{told}"
)
WRITTEN = st.lists(WORDS, min_size=1, max_size=3)


def new_text(markup: str, plain: str = "") -> str:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "wang@qq.com", "回复：换货"
    if plain:
        mail.set_content(plain)
        mail.add_alternative(markup, subtype="html")
    else:
        mail.set_content(markup, subtype="html")
    return read(mail.as_bytes()).new_text


def lines(told: list[str] | tuple[str, ...]) -> str:
    return "".join(f"<div>{html.escape(line)}</div>" for line in told)


@pytest.mark.parametrize("client", [*SET_IN, *NOT_SET_IN])
@settings(max_examples=40, deadline=None)
@given(above=WRITTEN)
def test_what_stands_above_a_quote_is_what_is_new(client: str, above: list[str]) -> None:
    quote = (SET_IN | NOT_SET_IN)[client](lines(ASKED))
    assert new_text(lines(above) + "<div><br></div>" + quote).split("\n") == above


@pytest.mark.parametrize("client", SET_IN)
@settings(max_examples=40, deadline=None)
@given(above=st.lists(WORDS, max_size=2), answers=st.lists(WORDS, min_size=3, max_size=3), below=WRITTEN)
def test_what_stands_between_and_below_is_never_lost(
    client: str, above: list[str], answers: list[str], below: list[str]
) -> None:
    parted = "".join(f"{lines((asked,))}{{/}}{lines((said,))}{{+}}" for asked, said in zip(ASKED, answers, strict=True))
    for markup, written in (
        (lines(above) + SET_IN[client](parted), [*above, *answers]),
        (lines(above) + SET_IN[client](lines(ASKED)) + lines(below), [*above, *below]),
    ):
        kept = new_text(markup).split("\n")
        assert set(written) <= set(kept), kept


@pytest.mark.parametrize("client", SET_IN)
def test_the_plain_form_that_marks_nothing_does_not_hide_an_answer(client: str) -> None:
    markup = "<div>见下：</div>" + SET_IN[client](
        f"<div>{ASKED[0]}</div>{{/}}<div>寄到深圳南山。</div>{{+}}<div>{ASKED[1]}</div>"
    )
    head = f"发件人：客服\n发送时间：{WHEN}\n收件人：王\n主题：换货"
    plain = f"见下：\n\n---- 回复的原邮件 ----\n{head}\n{ASKED[0]}\n寄到深圳南山。\n{ASKED[1]}\n"
    assert "寄到深圳南山。" in new_text(markup, plain)


def test_what_people_set_in_themselves_is_no_quote() -> None:
    markup = "<div>地址：</div><blockquote style='margin:0 0 0 40px'><div>深圳南山</div></blockquote><div>谢谢</div>"
    assert [line for line in new_text(markup).split("\n") if line] == ["地址：", "深圳南山", "谢谢"]


def test_what_is_forwarded_is_content_set_in_or_not() -> None:
    markup = f"<div>请看</div><div>---------- 转发的邮件 ----------</div>{HEAD}<blockquote>货坏了</blockquote>"
    kept = new_text(markup)
    assert "货坏了" in kept
    assert "> 货坏了" not in kept
