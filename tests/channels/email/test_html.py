"""What HTML says, and what of it may be shown."""

from __future__ import annotations

import pytest

from channels.email import html

TEXTS = {
    "<p>你<span>好</span>啊<br>第二<b>行</b></p>": "你好啊\n第二行",
    "<p>one</p>\n<p>two</p><p class=MsoNormal>three</p><p class=MsoNormal>four</p>": "one\n\ntwo\n\nthree\nfour",
    "a<div style='display: none'>preheader</div>b<span hidden>x</span>": "ab",
    "<title>t</title><style>p{}</style><script>x()</script><noscript>n</noscript>words": "words",
    "<table><tr><td>订单</td><td>123</td></tr><tr><td>x</td></tr></table>": "订单 123\nx",
    "<ul><li>one</li><li>two</li></ul>": "* one\n* two",
    "<pre> a\n   b</pre>": " a\n   b",
    "1 &lt; 2 &amp;&nbsp;3": "1 < 2 & 3",
    "<?xml version='1.0' encoding='gbk'?><p>您好": "您好",
    "no tags at all": "no tags at all",
    "<img alt=x src=y>": "",
    "": "",
}


@pytest.mark.parametrize("markup", TEXTS)
def test_the_text_of_html(markup: str) -> None:
    assert html.text(markup) == TEXTS[markup]


def test_a_quote_is_marked_and_an_indented_paragraph_is_not() -> None:
    quote = "<blockquote type=cite>old<blockquote class=gmail_quote>older</blockquote></blockquote>"
    told = [(line.text, line.depth) for line in html.lines(f"new{quote}<blockquote>mine</blockquote>") if line.text]
    assert told == [("new", 0), ("old", 1), ("older", 2), ("mine", 0)]


HARMFUL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' jav&#x09;ascript:alert(1)'>x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src='https://evil.example'></iframe>",
    "<form action='https://evil.example'><input name=password></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<div style='background:url(https://evil.example/x.png)'>x</div>",
    "<div style='position:fixed;top:0;left:0;width:100%'>x</div>",
    "<table background='https://evil.example/x.png'><tr><td>x</table>",
    "<video poster='https://evil.example/x.png' src='https://evil.example/x.mp4'></video>",
    "<img srcset='https://evil.example/x.png 2x'>",
    "<object data='https://evil.example'></object><embed src='https://evil.example'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
)


@pytest.mark.parametrize("markup", HARMFUL)
def test_nothing_runs_and_nothing_is_loaded(markup: str) -> None:
    shown = html.safe(markup)
    assert not any(
        word in shown.lower() for word in ("evil.example", "alert", "javascript", "position", "onerror", "<form")
    )


def test_a_remote_image_waits_until_it_is_asked_for() -> None:
    shown = html.safe("<p>x<img src='https://shop.example/a.png?u=1&amp;v=2' alt='a > b' width=200></p>")
    assert 'data-remote="https://shop.example/a.png?u=1&amp;v=2"' in shown
    assert " src=" not in shown


@pytest.mark.parametrize("pixel", ["width=1 height=1", "width=0", "style='width:1px;height:1px'", "style='height: 0'"])
def test_a_tracking_pixel_is_gone(pixel: str) -> None:
    assert html.safe(f"<p>x<img {pixel} src='https://spy.example/p.gif'></p>") == "<p>x</p>"


def test_an_inline_image_is_shown_from_where_its_file_is_kept() -> None:
    markup = "<img src='cid:pic@1'><img src='cid:gone@1'>"
    assert html.safe(markup, {"pic@1": '/files/1"x'}) == '<img src="/files/1&quot;x"><img data-cid="gone@1">'


def test_what_cannot_be_made_safe_in_time_is_not_shown() -> None:
    assert html.safe("<div>" * 300 + "x") == ""
    assert html.safe("x" * 1_000_001) == ""
    assert html.safe("<div>x</div>" * 300) != ""
