"""The page of questions the FAQ lacks: who may see it, what its forms do, and what they say when they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.dialogue import Gap
from bot.store import suggestions
from replies.faq.table import read_faq
from replies.library import FaqFile
from tests.handoff.desk.house import Browser, House

PAGE = "/desk/suggestions"
TABLE = "id,question,answer,language\npay,能货到付款吗,可以的，您签收时付款即可。,zh-Hans\n"
ANSWER = "可以，请您下单时填写抬头。"


@pytest.fixture
def faq(house: House, tmp_path: Path) -> Path:
    file = tmp_path / "faq.csv"
    file.write_text(TABLE, "utf-8")
    house.library = FaqFile(file)
    return file


def missed(house: House, text: str, near: str = "", *, why: str = "miss", sender: str = "li") -> None:
    lease = house.run(house.shop.taken(text, sender=sender))
    house.run(house.shop.commit(lease, gap=Gap(text, near, why), language="zh-Hans"))


def chief(house: House, login: str = "mei", role: str = "supervisor") -> Browser:
    browser = house.agent(login)
    house.write(_role, login, role)
    return browser


def _role(tx: Any, login: str, role: str) -> None:
    tx._execute(f"UPDATE agent SET role = '{role}' WHERE login = '{login}'")


def states(house: House) -> dict[str, int]:
    found: dict[str, int] = house.run(house.store.read(suggestions.counts))
    return found


def test_it_is_for_supervisors_and_admins(house: House, faq: Path) -> None:
    missed(house, "有发票吗")
    assert house.browser().get(PAGE).headers["location"] == f"/desk/login?next={PAGE}"
    agent = house.agent()
    assert agent.get(PAGE).status_code == 403
    assert agent.post(PAGE, data={"id": "1", "action": "dismiss"}).status_code == 403
    assert house.browser().post(PAGE, data={"id": "1", "action": "dismiss"}).status_code == 303
    assert states(house)["open"] == 1
    for login, role in (("mei", "supervisor"), ("bo", "admin")):
        assert chief(house, login, role).get(PAGE).status_code == 200


def test_near_questions_stand_together_the_most_asked_first(house: House, faq: Path) -> None:
    missed(house, "包邮吗", "pay")
    for text in ("能开发票吗", "你们能开发票吗", "能开发票吗？"):
        missed(house, text, sender=text)
    page = chief(house).get(PAGE).text
    assert page.index("能开发票吗") < page.index("包邮吗")
    assert "asked 3×" in page
    assert page.count('class="question"') == 2
    assert "nearest: 能货到付款吗" in page
    assert 'href="/desk/c/1"' in page


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Nothing is open"), ("zh-Hans", "没有待处理的问题"), ("zh-Hant", "沒有待處理的問題")]
)
def test_nothing_is_open(house: House, faq: Path, language: str, words: str) -> None:
    assert words in chief(house).get(f"{PAGE}?lang={language}").text


def test_a_question_becomes_an_entry(house: House, faq: Path) -> None:
    missed(house, "能开发票吗")
    missed(house, "你们能开发票吗")
    browser = chief(house)
    form = {"id": ["1", "2"], "action": "add", "question": "可以开发票吗", "answer": ANSWER, "language": "zh-Hans"}
    answer = browser.post(PAGE, data=form)
    assert answer.status_code == 303
    told = browser.get(answer.headers["location"]).text
    assert "Added as the new entry faq-2" in told
    entry = read_faq(faq).entries["faq-2"]
    assert entry.questions["zh-Hans"] == ("可以开发票吗", "能开发票吗", "你们能开发票吗")
    assert entry.answers["zh-Hans"] == ANSWER
    assert states(house) == {"open": 0, "done": 2, "dismissed": 0}
    assert "now in: 可以开发票吗" in browser.get(f"{PAGE}?state=done").text


def test_an_answer_out_of_tune_is_shown_before_it_is_kept(house: House, faq: Path) -> None:
    missed(house, "订单 20261125998877 能开发票吗")
    browser = chief(house)
    form = {"id": "1", "action": "add", "question": "能开发票吗", "answer": "不知道<b>", "language": "zh-Hans"}
    page = browser.post(PAGE, data=form)
    assert page.status_code == 422
    assert "said otherwise" in page.text
    assert "“不知道”" in page.text
    assert "不知道&lt;b&gt;" in page.text
    assert (states(house)["open"], len(read_faq(faq))) == (1, 1)
    assert browser.post(PAGE, data=form | {"action": "add_anyway"}).status_code == 303
    assert read_faq(faq).entries["faq-2"].questions["zh-Hans"] == ("能开发票吗", "订单 能开发票吗")


def test_an_entry_gets_another_way_to_ask(house: House, faq: Path) -> None:
    missed(house, "收到货再付行吗", "pay")
    page = chief(house).get(PAGE).text
    assert 'list="entries" value="pay"' in page
    answer = chief(house).post(PAGE, data={"id": "1", "action": "extend", "entry": "pay", "language": "zh-Hans"})
    assert answer.status_code == 303
    assert read_faq(faq).entries["pay"].questions["zh-Hans"] == ("能货到付款吗", "收到货再付行吗")
    assert states(house)["done"] == 1


def test_dismissed_and_back_again(house: House, faq: Path) -> None:
    missed(house, "你几岁")
    browser = chief(house)
    browser.post(PAGE, data={"id": "1", "action": "dismiss"})
    assert states(house)["dismissed"] == 1
    assert "你几岁" in browser.get(f"{PAGE}?state=dismissed").text
    browser.post(f"{PAGE}?state=dismissed", data={"id": "1", "action": "reopen"})
    assert states(house)["open"] == 1


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({}, 422, "No question was chosen"),
        ({"action": "dismiss"}, 422, "No question was chosen"),
        ({"id": "1"}, 422, "No question was chosen"),
        ({"id": "x", "action": "dismiss"}, 422, "No question was chosen"),
        ({"id": "1", "action": "burn"}, 422, "No question was chosen"),
        ({"id": "99", "action": "dismiss"}, 409, "just settled"),
        ({"id": "1", "action": "add", "question": "a", "answer": " "}, 422, "both question and answer"),
        ({"id": "1", "action": "extend", "entry": ""}, 422, "choose the entry"),
        ({"id": "1", "action": "extend", "entry": "gone"}, 422, "no entry &#39;gone&#39;"),
        ({"id": "1", "action": "add", "question": "能货到付款吗", "answer": ANSWER}, 422, "is asked by the entry pay"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    house: House, faq: Path, form: dict[str, str], status: int, words: str
) -> None:
    missed(house, "有发票吗")
    page = chief(house).post(PAGE, data=form)
    assert (page.status_code, words in page.text) == (status, True), page.text
    assert states(house)["open"] == 1
    assert faq.read_text("utf-8") == TABLE


def test_somebody_was_quicker(house: House, faq: Path) -> None:
    missed(house, "有发票吗")
    missed(house, "包邮吗")
    house.write(suggestions.settle, 1, "dismissed", house.shop.other)
    form = {"id": "1", "action": "extend", "entry": "pay"}
    page = chief(house).post(PAGE, data=form)
    assert (page.status_code, "just settled" in page.text) == (409, True)
    assert faq.read_text("utf-8") == TABLE


def test_with_the_shipped_samples_it_says_how_to_have_ones_own(house: House) -> None:
    house.library = FaqFile(None)
    missed(house, "有发票吗")
    browser = chief(house)
    page = browser.get(PAGE).text
    assert "kefu faq export faq.csv" in page
    assert 'value="add"' not in page
    assert browser.post(PAGE, data={"id": "1", "action": "add", "question": "a", "answer": "b"}).status_code == 422
    assert browser.post(PAGE, data={"id": "1", "action": "dismiss"}).status_code == 303


def test_a_broken_file_is_told_with_its_line(house: House, faq: Path) -> None:
    missed(house, "有发票吗")
    faq.write_text("id,question\nx,y\n", "utf-8")
    page = chief(house).get(PAGE).text
    assert "faq.csv:1" in page
    assert 'value="add"' not in page
    assert 'value="dismiss"' in page


def test_another_site_cannot_send_the_form(house: House, faq: Path) -> None:
    missed(house, "有发票吗")
    browser = chief(house)
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(PAGE, data={"id": "1", "action": "dismiss"}, headers=headers).status_code == 403
    assert states(house)["open"] == 1
