"""Who gets a token, for how long, and what is said of a bad one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.conftest import Caller, Clock
from tests.fakes.wechat import APPID, CLASSIC, SECRET, STABLE, USER, WeChat

ASK: dict[str, Any] = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}


def works(oa: Caller, token: str) -> int:
    """The errcode of a harmless call with this token; 0 if it did."""
    return int(oa.get(USER, access_token=token, openid="o1").get("errcode", 0))


@pytest.fixture(autouse=True)
def somebody(wechat: WeChat) -> None:
    wechat.follow("o1")


def stable(oa: Caller, **more: Any) -> dict[str, Any]:
    return oa.post(STABLE, {**ASK, **more})


def test_normal_mode_gives_the_same_token_until_its_last_five_minutes(oa: Caller, clock: Clock) -> None:
    first = stable(oa)
    assert first["access_token"] == oa.token
    assert first["expires_in"] == 7200
    assert len(first["access_token"]) == 512
    clock.time += 7200 - 301
    assert stable(oa) == {"access_token": oa.token, "expires_in": 301}
    clock.time += 1
    second = stable(oa)
    assert second["access_token"] != oa.token
    assert second["expires_in"] == 7200
    clock.time += 299
    assert works(oa, oa.token) == works(oa, second["access_token"]) == 0
    clock.time += 1
    assert works(oa, oa.token) == 42001
    assert works(oa, second["access_token"]) == 0


def test_force_gives_another_token_and_ends_the_first(oa: Caller, clock: Clock) -> None:
    forced = stable(oa, force_refresh=True)
    assert works(oa, oa.token) == 40001
    assert works(oa, forced["access_token"]) == 0
    assert stable(oa)["access_token"] == forced["access_token"]
    clock.time += 29
    assert stable(oa, force_refresh=True)["errcode"] == 45011
    clock.time += 1
    assert "access_token" in stable(oa, force_refresh=True)


def test_force_has_a_number_per_day(oa: Caller, clock: Clock) -> None:
    for _ in range(20):
        clock.time += 30
        assert "access_token" in stable(oa, force_refresh=True)
    clock.time += 30
    assert stable(oa, force_refresh=True)["errcode"] == 45009
    clock.time += 86400
    assert "access_token" in stable(oa, force_refresh=True)


def test_normal_mode_has_limits_too(clock: Clock) -> None:
    with WeChat(clock=clock, per_minute=2, per_day=3) as fake, Caller(fake) as oa:
        assert [stable(oa).get("errcode", 0) for _ in range(3)] == [0, 0, 45011]
        clock.time += 60
        assert [stable(oa).get("errcode", 0) for _ in range(2)] == [0, 45009]


def test_each_classic_token_ends_the_one_before_after_five_minutes(oa: Caller, clock: Clock) -> None:
    first, second = oa.get(CLASSIC, **ASK), oa.get(CLASSIC, **ASK)
    assert first["access_token"] != second["access_token"]
    clock.time += 299
    assert works(oa, first["access_token"]) == 0
    clock.time += 1
    assert works(oa, first["access_token"]) == 40001
    assert works(oa, second["access_token"]) == 0
    assert works(oa, oa.token) == 0, "the stable token is another world"
    clock.time += 7200
    assert works(oa, second["access_token"]) == 42001


def test_classic_tokens_have_a_number_per_day(clock: Clock) -> None:
    with WeChat(clock=clock, classic_per_day=1) as fake, Caller(fake) as oa:
        assert "access_token" in oa.get(CLASSIC, **ASK)
        assert oa.get(CLASSIC, **ASK)["errcode"] == 45009


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": "wx0"}, 40013),
        ({"appid": ""}, 41002),
        ({"secret": "guess"}, 40125),
        ({"secret": None}, 41004),
    ],
)
def test_wrong_credentials(oa: Caller, change: dict[str, Any], code: int) -> None:
    told = stable(oa, **change)
    assert told["errcode"] == code
    assert " rid: " in told["errmsg"]
    assert oa.get(CLASSIC, **{k: v or "" for k, v in {**ASK, **change}.items()})["errcode"] == code


def test_a_strange_body(oa: Caller) -> None:
    assert stable(oa, force_refresh="true")["errcode"] == 47001
    assert stable(oa, refresh=True)["errcode"] == 47001
    assert oa.raw(STABLE, b"grant_type=client_credential")["errcode"] == 47001
    assert oa.get(STABLE, **ASK)["errcode"] == 43002
    assert oa.post(CLASSIC, ASK)["errcode"] == 43001
    assert oa.get("/cgi-bin/unheard_of")["errcode"] == 40066


def test_an_address_outside_the_whitelist_gets_no_token(oa: Caller, wechat: WeChat) -> None:
    wechat.block_ip("203.0.113.7")
    told = stable(oa)
    assert told["errcode"] == 40164
    assert "203.0.113.7" in told["errmsg"]
    assert works(oa, oa.token) == 0, "only token requests are asked"
    wechat.block_ip("")
    assert "access_token" in stable(oa)


def test_bad_tokens_are_told_apart(oa: Caller, wechat: WeChat) -> None:
    assert works(oa, "") == 41001
    assert works(oa, "guess") == 40001
    wechat.expire_tokens()
    assert works(oa, oa.token) == 42001
    fresh = stable(oa)["access_token"]
    assert fresh != oa.token
    assert works(oa, fresh) == 0
    wechat.revoke_tokens()
    assert works(oa, fresh) == 40001
    assert works(oa, stable(oa)["access_token"]) == 0
