"""Logging in and out, and the forced new password: plain forms, no script."""

from __future__ import annotations

import pytest

from bot.store import agents
from handoff.desk.assets import Assets
from handoff.desk.pages import _next
from tests.handoff.desk.house import PASSWORD, Browser, House

NEW = "another horse"


def login(browser: Browser, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    answer = browser.post("/desk/login", data={"login": "mei", "password": password, **more})
    return answer.status_code, answer.headers.get("location", answer.text)


def test_whoever_is_not_logged_in_is_sent_to_the_login_and_back(house: House) -> None:
    browser = house.browser()
    answer = browser.get("/desk/c/7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login?next=/desk/c/7")
    assert 'value="/desk/c/7"' in browser.get(answer.headers["location"]).text
    assert login(browser, next="/desk/c/7") == (303, "/desk/c/7")
    assert browser.get("/desk/c/7").status_code == 200


def test_the_cookie_cannot_be_read_by_scripts_and_is_random(house: House) -> None:
    cookies = []
    for _ in range(2):
        answer = house.browser().post("/desk/login", data={"login": "mei", "password": PASSWORD})
        cookies.append(answer.headers["set-cookie"])
    assert all(c.startswith("kefu=") and "HttpOnly" in c and "SameSite=lax" in c and "Path=/" in c for c in cookies)
    assert not any("Secure" in c for c in cookies)
    assert cookies[0] != cookies[1]
    assert len(cookies[0].split(";")[0]) > 40


def test_over_https_the_cookie_is_bound_to_the_host(house: House) -> None:
    house.url = "https://desk.test"
    cookie = house.browser().post("/desk/login", data={"login": "mei", "password": PASSWORD}).headers["set-cookie"]
    assert cookie.startswith("__Host-kefu=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_a_wrong_password_and_an_unknown_name_are_told_alike(house: House) -> None:
    wrong = house.browser().post("/desk/login", data={"login": "mei", "password": "wrong"})
    nobody = house.browser().post("/desk/login", data={"login": "nobody", "password": "wrong"})
    assert wrong.status_code == nobody.status_code == 401
    assert 'role="alert"' in wrong.text
    assert "do not match" in wrong.text
    assert wrong.text.replace('"mei"', '"nobody"') == nobody.text
    assert 'value="mei"' in wrong.text


def test_an_empty_form_says_so(house: House) -> None:
    assert login(house.browser(), "")[0] == 400


def test_too_many_tries_have_to_wait(house: House) -> None:
    house.near = "2/minute"
    browser = house.browser()
    assert [login(browser, "wrong")[0] for _ in range(3)] == [401, 401, 429]
    answer = browser.post("/desk/login", data={"login": " MEI ", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "try again in 1 min" in answer.text


def test_a_deactivated_agent_cannot_log_in_and_is_out(house: House) -> None:
    agent = house.agent()
    house.write(agents.set_active, "mei", False)
    assert agent.get("/api/desk/me").status_code == 401
    assert login(house.browser())[0] == 401


@pytest.mark.parametrize("body", ["a=1&" * 40, "x" * 20_000, "login=%00mei&password=%00", "\udcff%%%"])
def test_odd_forms_are_refused_kindly(house: House, body: str) -> None:
    answer = house.browser().post(
        "/desk/login",
        content=body.encode("utf-8", "surrogateescape"),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in {400, 401}


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "https://evil.test",
        "/desk//evil.test",
        "/desk/\\evil",
        "/desk/../x",
        "/deskx",
        "",
        "/desk/login?a",
    ],
)
def test_after_the_login_nobody_is_sent_away(target: str) -> None:
    assert _next(target) == "/desk"


def test_logging_in_again_changes_the_cookie_and_ends_the_old_one(house: House) -> None:
    browser = house.agent()
    old = browser.cookies["kefu"]
    house.agent(browser=browser)
    assert browser.cookies["kefu"] != old
    other = house.browser()
    other.cookies.set("kefu", old)
    assert other.get("/api/desk/me").status_code == 401


def test_logging_out_ends_the_login_on_the_server(house: House) -> None:
    browser = house.agent()
    cookie = browser.cookies["kefu"]
    assert browser.post("/desk/logout").headers["location"] == "/desk/login"
    assert "kefu" not in browser.cookies
    browser.cookies.set("kefu", cookie)
    assert browser.get("/api/desk/me").status_code == 401


def test_a_one_time_password_opens_only_the_form_for_another(house: House) -> None:
    house.write(agents.add, "new", name="新人", password_hash=_hash(house), must_change=True)
    browser = house.browser()
    answer = browser.post("/desk/login", data={"login": "new", "password": PASSWORD, "next": "/desk/c/1"})
    assert answer.headers["location"] == "/desk/password"
    assert browser.get("/desk").headers["location"] == "/desk/password"
    assert browser.get("/api/desk/me").json()["error"] == "must_change"
    assert "one-time password" in browser.get("/desk/password").text
    cookie = browser.cookies["kefu"]
    answer = browser.post("/desk/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert browser.cookies["kefu"] != cookie
    assert browser.get("/api/desk/me").json()["me"]["name"] == "新人"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"old": "wrong", "new": NEW, "again": NEW}, "current password is not correct"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "at least 10 characters"),
        ({"old": PASSWORD, "new": NEW, "again": "other horse"}, "do not match"),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "must differ"),
    ],
)
def test_a_password_that_will_not_do_is_told_why(house: House, form: dict[str, str], told: str) -> None:
    answer = house.agent().post("/desk/password", data=form)
    assert answer.status_code == 400
    assert told in answer.text
    assert 'role="alert"' in answer.text


def test_a_changed_password_ends_the_agents_other_logins(house: House) -> None:
    here, there = house.agent(), house.agent()
    assert here.post("/desk/password", data={"old": PASSWORD, "new": NEW, "again": NEW}).status_code == 303
    assert here.get("/api/desk/me").status_code == 200
    assert there.get("/api/desk/me").status_code == 401


def test_three_languages_by_the_browser_or_by_choice(house: House) -> None:
    browser = house.browser()
    for wish, title in [
        ("zh-CN,en", "坐席登录"),
        ("zh-TW", "客服人員登入"),
        ("de,en-GB;q=.5", "Agent sign-in"),
        ("de", "坐席登录"),
    ]:
        assert title in browser.get("/desk/login", headers={"Accept-Language": wish}).text
    assert "客服人員登入" in browser.get("/desk/login?lang=zh-Hant").text
    assert '<html lang="zh-Hant">' in browser.get("/desk/login").text


def test_what_was_typed_is_never_markup(house: House) -> None:
    answer = house.browser().post("/desk/login", data={"login": '"><script>x</script>', "password": "y"})
    assert "<script>x" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_without_the_third_party_modules_the_desk_says_how_to_mend_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def incomplete(self: Assets) -> None:
        before(self)
        self.missing = ["preact.js"]

    before = Assets.__init__
    monkeypatch.setattr(Assets, "__init__", incomplete)
    answer = house.agent().get("/desk")
    assert answer.status_code == 503
    assert "python hatch_build.py" in answer.text


def _hash(house: House) -> str:
    found = house.run(house.store.read(agents.find, "mei"))
    return str(found.password_hash)
