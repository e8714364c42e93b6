"""Whatever a customer writes while he fills in a form: nothing breaks, nothing is lost, nothing grows."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import Kind
from replies.forms.draft import Draft
from replies.knowledge import Knowledge
from tests.replies.forms.filling import Customer

MOST_BYTES = 12_000
SAID = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        [
            "跳过", "上一步", "提交", "继续", "对", "不对", "补充", "不用了", "退款", "上周三", "明天",
            "03/05/2026", "1", "2", "不对，是上周五", "我叫张三，电话13800138000", "电话写错了", "型号X200",
            "skip", "yes", "no",
            "电话写错了，是13900139000", "the model is X300 not X200", "订单号应该是QH20261101", "为什么？",
            "卡号4111111111111111", "啊" * 3000, "x" * 5000,
        ]
    ),
)  # fmt: skip
VALUES = st.sampled_from(
    ["form:skip", "form:date:1", "form:date:x", "form:choice:refund", "form:choice:", "form:", "form:more"]
)


def same(knowledge: Knowledge) -> Customer:
    customer = Customer(knowledge)
    customer.says("登记投诉")
    return customer


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(SAID, VALUES.map(lambda value: (value,))), max_size=25))
def test_any_conversation(knowledge: Knowledge, messages: list[Any]) -> None:
    customer = same(knowledge)
    for message in messages:
        before = set(customer.answers) if customer.form else set()
        if isinstance(message, tuple):
            customer.says("", value=message[0])
        else:
            customer.says(message)
        if customer.last.rule == "form.confirm":
            form = knowledge.forms.complaint[customer.last.language]  # type: ignore[index]
            assert {one.label for one in form.fields if one.required} <= set(customer.handed[-1]), "only when complete"
            return
        if customer.form:
            assert before <= set(customer.answers), "no answer is lost"
        assert len(json.dumps(customer.form, ensure_ascii=False).encode()) < MOST_BYTES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("answers", "skipped", "trail", "asked", "phase", "details", "anew", "pending", "tries", "said", "language")


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), JSON | st.just("confirming") | st.just("what")),
    st.dictionaries(st.sampled_from(["what", "when", "photos", "gone"]), st.text(max_size=700)),
    st.text(max_size=20),
)
def test_a_garbled_draft(knowledge: Knowledge, raw: dict[str, Any], answers: dict[str, str], text: str) -> None:
    customer = same(knowledge)
    customer.form = {**raw, "answers": answers}
    draft = Draft.read(customer.form)
    assert draft is not None
    customer.says(text)
    customer.says("对")
    if customer.last.rule == "form.confirm":
        assert "事情经过" in customer.handed[-1]


@given(JSON)
def test_what_is_no_draft_is_none(raw: Any) -> None:
    draft = Draft.read(raw)
    assert draft is None or isinstance(raw["answers"], dict)


def test_any_kind_of_message(knowledge: Knowledge) -> None:
    customer = same(knowledge)
    for kind in Kind:
        customer.says("", kind=kind)
    assert customer.answers["photos"] == "3"
