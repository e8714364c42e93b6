"""How often somebody may try to log in."""

from __future__ import annotations

from handoff.desk.limits import LoginLimits


def test_a_few_tries_from_one_place_then_a_wait() -> None:
    limits = LoginLimits(near="3/minute")
    assert [limits.wait("10.0.0.1", "mei") for _ in range(3)] == [0, 0, 0]
    assert 0 < limits.wait("10.0.0.1", "mei") <= 61
    assert limits.wait("10.0.0.2", "mei") == 0
    assert limits.wait("10.0.0.1", "bo") == 0


def test_one_account_has_few_tries_from_anywhere() -> None:
    limits = LoginLimits(near="3/minute", far="4/hour")
    tries = [limits.wait(f"10.0.0.{n}", "mei") for n in range(6)]
    assert tries[:4] == [0, 0, 0, 0]
    assert all(wait > 60 for wait in tries[4:])


def test_a_right_password_forgives_the_slips_before_it() -> None:
    limits = LoginLimits(near="2/minute")
    limits.wait("10.0.0.1", "mei")
    limits.wait("10.0.0.1", "mei")
    limits.forget("10.0.0.1", "mei")
    assert limits.wait("10.0.0.1", "mei") == 0
