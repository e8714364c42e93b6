"""Difficult customers: the kinds that triage sees are those that the scripts have words for."""

from __future__ import annotations

import pytest

from replies.knowledge import Knowledge
from replies.rules.complaint import MANNERS
from replies.situations import CUSTOMERS
from replies.triage import feelings
from tests.replies.conversation import Conversation


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("你知道我是谁吗？叫你们老板出来，马上退款", "important"),
        ("I am a platinum member, the heater is broken and I want a refund", "important"),
        ("我有錄音和截圖，依消保法第19條要求退款", "prepared"),
        ("I have recorded every call, under the Consumer Rights Act I want a refund", "prepared"),
        ("我是记者，你们等着上报纸", "platform"),
        ("退款一直不到，我崩溃了，在家里哭了一天，给我退款", "emotional"),
    ],
)
def test_each_is_spoken_to_in_his_own_way(knowledge: Knowledge, text: str, kind: str) -> None:
    decision = Conversation(knowledge).says(text)
    assert [reply.script.partition("/")[0] for reply in decision.replies] == [f"customer_{kind}"]


def test_triage_names_them_as_the_scripts_do() -> None:
    seen = {*feelings.CUSTOMERS, *feelings.UNDECIDED}
    assert seen <= {*CUSTOMERS}
    assert {*MANNERS} <= seen
