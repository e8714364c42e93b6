"""Letters at the desk: what an agent is shown of a mail, and that nothing in it gets out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import PermanentSendError
from bot.messages import Attachment, Author, Delivery, Kind, Outgoing
from bot.store import reports
from channels.email.inbound import incoming
from channels.email.reading import read
from tests.handoff.desk.house import House
from tests.handoff.desk.test_api import CID, one, reply

KEY = "k" * 32
MAIL = b"""\
Message-ID: <one@mail.example>
Date: Fri, 20 Nov 2026 10:05:00 +0800
From: =?utf-8?b?546L6Iqz?= <wang@qq.com>
Reply-To: family@qq.com
To: support@shop.example, boss@shop.example
Cc: aunt@qq.com
Subject: =?utf-8?b?5p2v5a2Q56KO5LqG?=
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p style="color:#c00">The cup is broken.</p><img src="cid:photo" width="300">
<img src="https://tracker.example/a.png?x=1&amp;y=2" width="300"><img src="cid:gone"><script>alert(1)</script>
<form action="https://evil.example"><input name="p"></form><a href="javascript:alert(1)">a</a>
<a href="https://shop.example/x" target="_top" onclick="alert(1)">b</a>
<blockquote type="cite">quoted before</blockquote>
--b
Content-Type: image/png; name=p.png
Content-ID: <photo>

x
--b--
"""
CSP = "content-security-policy"


def keep(house: House, raw: bytes = MAIL, *, told: dict[str, Any] | None = None, **more: Any) -> int:
    """A mail as it is taken in; the conversation."""
    mail = read(raw)
    files = [Attachment(Kind.IMAGE, f.name, f.media_type, len(f.data), key=KEY) for f in mail.files]
    made = incoming(mail, files)
    whole = Attachment(Kind.FILE, "one.eml", "message/rfc822", len(raw), key="o" * 32)
    made = replace(made, attachments=(*files, whole), extra={**made.extra, **(told or {})}, **more)
    fields = {name: getattr(made, name) for name in ("attachments", "sender_name", "sent_at", "extra", "mute")}
    arrived = house.run(house.shop.accept(made.text, sender=made.sender, key=made.external_id, **fields))
    return int(arrived.conversation_id)


def said(house: House, place: int) -> dict[str, Any]:
    """The newest message, as the desk has it."""
    events = house.agent().get(one(place, "/events")).json()["events"]
    found: dict[str, Any] = [e["d"] for e in events if e["t"] == "message"][-1]
    return found


def page(house: House, place: int, query: str = "") -> Any:
    return house.agent().get(f"/api/desk/letters/{said(house, place)['id']}/page{query}")


def test_what_stands_over_a_letter(house: House) -> None:
    why = {"zh-Hans": "是自动回复", "zh-Hant": "是自動回覆", "en": "it is an automatic reply"}
    place = keep(house, told={"why_not": why, "folder": "junk", "placing": {"related": 7}}, mute="auto_replied")
    told = said(house, place)
    letter = told["letter"]
    assert told["text"] == "The cup is broken.\n\na b"
    assert letter["subject"] == "杯子碎了"
    assert letter["from"] == {"email": "wang@qq.com", "name": "王芳"}
    assert [p["email"] for p in letter["to"]] == ["support@shop.example", "boss@shop.example"]
    assert [p["email"] for p in letter["cc"]] == ["aunt@qq.com"]
    assert letter["date"] == "2026-11-20T02:05:00+00:00"
    assert (letter["mute"], letter["why_not"]["en"]) == ("auto_replied", "it is an automatic reply")
    assert (letter["folder"], letter["placing"]) == ("junk", {"related": 7})
    assert (letter["whole"], letter["html"], letter["remote"], letter["inline"]) == (True, True, True, [KEY])
    assert "body" not in letter  # what is long is fetched by itself
    assert told["attachments"][-1]["media_type"] == "message/rfc822"


def test_other_messages_are_no_letters(house: House) -> None:
    place = house.conversation("hello")
    assert said(house, place)["letter"] is None
    found = house.agent().get(one(place)).json()
    assert (found["letters"], found["answer"], found["conversation"]["subject"]) == (False, None, "")
    assert found["conversation"]["contact"]["address"] == ""
    number = said(house, place)["id"]
    for path in (f"/api/desk/letters/{number}", f"/api/desk/letters/{number}/page", "/api/desk/letters/99999"):
        assert house.agent().get(path).status_code == 404


def test_the_whole_text_is_there_for_who_asks(house: House) -> None:
    place = keep(house)
    told = house.agent().get(f"/api/desk/letters/{said(house, place)['id']}").json()
    assert "The cup is broken." in told["text"]
    assert "quoted before" in told["text"]


def test_the_html_is_shown_and_nothing_gets_out(house: House) -> None:
    place = keep(house)
    shown = page(house, place)
    body = shown.text
    assert shown.headers["content-type"].startswith("text/html")
    assert 'style="color:#c00"' in body.replace(": ", ":")
    assert f'src="/api/desk/media/{KEY}"' in body
    assert re.findall(r'\ssrc="([^"]*)"', body) == [f"/api/desk/media/{KEY}"]
    for word in ("<script", "<form", "<input", "javascript:", "onclick", "_top", "evil.example"):
        assert word not in body, word
    policy = dict(part.strip().partition(" ")[::2] for part in shown.headers[CSP].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["img-src"] == "'self'"
    assert "script-src" not in policy
    assert policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["sandbox"].split() == ["allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox"]
    assert shown.headers["referrer-policy"] == "no-referrer"


def test_images_of_others_come_only_when_asked_for(house: House) -> None:
    place = keep(house)
    shown = page(house, place, "?images=1")
    assert 'src="https://tracker.example/a.png?x=1&amp;y=2"' in shown.text
    assert "img-src 'self' https: http:" in shown.headers[CSP]
    assert "tracker.example/a.png" in page(house, place).text  # its address stays known


@pytest.mark.parametrize(
    "html",
    [
        '<img data-remote="javascript:alert(1)">',
        '<img data-remote="file:///etc/passwd">',
        '<img data-remote="http://[bad">',
        '<img src="/desk/logout">',
        '<img src="../../etc/passwd">',
        '<img src="data:image/svg+xml,x">',
    ],
)
def test_no_other_source_than_kept_files_and_web_addresses(house: House, html: str) -> None:
    place = keep(house, told={"html": html})
    assert re.findall(r'\ssrc="([^"]*)"', page(house, place, "?images=1").text) == []


def test_letters_are_for_agents_only(house: House) -> None:
    place = keep(house)
    number = said(house, place)["id"]
    for path in (f"/api/desk/letters/{number}", f"/api/desk/letters/{number}/page"):
        assert house.browser().get(path).status_code == 401


def test_a_letter_without_html_has_no_page(house: House) -> None:
    place = keep(house, MAIL.replace(b"text/html", b"text/plain"))
    assert page(house, place).status_code == 404


def test_who_may_be_answered_and_how_long(house: House) -> None:
    house.letters = True
    place = keep(house)
    agent = house.agent()
    found = agent.get(one(place)).json()
    assert (found["letters"], found["most"]) == (True, 20_000)
    assert found["answer"] is None  # its channel does not say
    assert agent.post(one(place, "/claim"), json={}).status_code == 200
    assert reply(agent, place, "好" * 20_000).status_code == 200
    assert reply(agent, place, "好" * 20_001, cid=CID + "2").status_code == 422
    chat = house.conversation("hi", sender="chatter")
    assert agent.get(one(chat)).json()["most"] == 20_000  # the inbox decides, not the message


def test_the_channel_says_whom_an_answer_will_go_to(house: House) -> None:
    asked: list[Outgoing] = []

    async def heading(inbox: str, outgoing: Outgoing) -> dict[str, Any]:
        asked.append(outgoing)
        if outgoing.recipient == "nobody@":
            raise PermanentSendError("no mail can go to an address like that of this customer")
        return {"to": [{"email": outgoing.recipient, "name": ""}], "cc": [], "subject": "Re: x", "signature": [inbox]}

    house.letters, house.heading = True, heading
    place = keep(house)
    answer = house.agent().get(one(place)).json()["answer"]
    assert answer == {"to": [{"email": "wang@qq.com", "name": ""}], "cc": [], "subject": "Re: x", "signature": ["shop"]}
    (outgoing,) = asked
    assert (outgoing.author, outgoing.author_name, outgoing.author_number) == (Author.AGENT, "小美", "007")
    assert outgoing.conversation == place
    other = house.conversation("hi", sender="nobody@")
    assert house.agent().get(one(other)).json()["answer"] == {
        "problem": "no mail can go to an address like that of this customer"
    }


def test_the_list_says_that_an_answer_did_not_arrive(house: House) -> None:
    place = keep(house)
    agent = house.agent()
    assert agent.post(one(place, "/claim"), json={}).status_code == 200
    number = reply(agent, place, "您好").json()["events"][-1]["d"]["id"]
    assert agent.get(one(place)).json()["conversation"]["undelivered"] == ""
    for delivery, told in (("sent", ""), ("unknown", "unknown"), ("failed", "failed")):
        house.write(reports.report, house.shop.inbox, number, Delivery(delivery), "bounce: 5.1.1")
        assert agent.get(one(place)).json()["conversation"]["undelivered"] == told
    reply(agent, place, "再发一次", cid=CID + "2")
    assert agent.get(one(place)).json()["conversation"]["undelivered"] == ""


def test_the_list_names_the_subject_and_the_address(house: House) -> None:
    place = keep(house)
    row = next(r for r in house.agent().get("/api/desk/conversations?tab=all").json()["rows"] if r["id"] == place)
    assert (row["subject"], row["contact"]["address"]) == ("杯子碎了", "wang@qq.com")
    bounce = {"sha256": "b", "subject": "Undelivered"}
    house.run(house.shop.accept("no", sender="wang@qq.com", extra=bounce, wakes=False))
    assert house.agent().get(one(place)).json()["conversation"]["subject"] == "杯子碎了"
    assert said(house, place)["letter"] == {"subject": "Undelivered", "quiet": True}
    only = house.run(house.shop.accept("no", sender="mailer-daemon@x.example", extra=bounce, wakes=False))
    assert house.agent().get(one(only.conversation_id)).json()["conversation"]["subject"] == "Undelivered"
