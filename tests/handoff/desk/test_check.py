"""What an agent is about to send is read for him; nothing comes of it but advice."""

from __future__ import annotations

import pytest

from tests.handoff.desk.house import House
from tests.handoff.desk.test_api import one, texts


def test_a_draft_is_read_and_nothing_is_kept(house: House) -> None:
    place, agent = house.conversation(), house.agent()
    before = texts(agent, place)
    answer = agent.post(one(place, "/check"), json={"text": "好，你等。"})
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["findings"]
    assert (found["rule"], found["words"], found["start"], found["instead"]) == ("familiar", "你", 2, "您")
    assert agent.post(one(place, "/check"), json={"text": ""}).json() == {"findings": []}
    assert texts(agent, place) == before


@pytest.mark.parametrize(("body", "status"), [({"text": 1}, 400), ({"text": "你" * 4001}, 422)])
def test_what_is_no_draft_is_refused(house: House, body: dict[str, object], status: int) -> None:
    place, agent = house.conversation(), house.agent()
    assert agent.post(one(place, "/check"), json=body).status_code == status
