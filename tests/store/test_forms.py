"""An unfinished form belongs to the customer, and a filled one to the record that people read."""

from __future__ import annotations

from datetime import timedelta

from bot.messages import Forget
from bot.ports import HandoffDraft
from bot.store import erasing
from tests.store.shop import Shop
from tests.store.test_turns import DRAFT, loaded

FORM = {"answers": {"what": "坏了"}}
CASE = HandoffDraft(
    "tier", "registered 261125-1", "serious", {"form": [["What", "坏了"], ["A", "b"]], "wish": "换货"}, ()
)


async def test_a_form_is_there_at_the_next_message_of_the_same_lease_and_of_the_next(shop: Shop) -> None:
    lease = await shop.taken()
    assert lease.form == {}
    await shop.accept("again")
    turned = await shop.commit(lease, form=FORM)
    assert turned.lease.form == FORM
    await shop.commit(turned.lease)
    assert (await shop.taken()).form == FORM


async def test_it_is_the_customers_and_goes_with_him_into_his_next_conversation(shop: Shop) -> None:
    lease = await shop.taken()
    await shop.commit(lease, form=FORM)
    other = await shop.taken(thread="elsewhere")
    assert other.conversation_id != lease.conversation_id
    assert other.form == FORM, "another thread of his"
    await shop.commit(other)
    await shop.resolve(lease.conversation_id)
    shop.clock.forward(timedelta(days=3))
    later = await shop.taken()
    assert later.conversation_id not in (lease.conversation_id, other.conversation_id)
    assert later.form == FORM
    assert (await shop.taken(sender="somebody else")).form == {}


async def test_claimed_from_a_queue_it_comes_along(shop: Shop) -> None:
    await shop.commit(await shop.taken(), form=FORM)
    await shop.accept("later")
    (lease,) = await shop.claim()
    assert lease.form == FORM


async def test_an_empty_form_forgets_it(shop: Shop) -> None:
    await shop.commit(await shop.taken(), form=FORM)
    await shop.commit(await shop.taken(), form={})
    assert (await shop.taken()).form == {}


async def test_a_forgotten_customer_has_no_form(shop: Shop) -> None:
    lease = await shop.taken()
    await shop.commit(lease, form=FORM)
    await shop.store.write(erasing.forget, lease.contact_id, Forget.EVERYTHING)
    assert (await shop.taken()).form == {}


async def test_what_is_filled_in_while_he_waits_goes_to_the_record_that_is_there(shop: Shop) -> None:
    lease = await shop.taken()
    await shop.commit(lease, "a person comes", draft=DRAFT)
    lease = await shop.taken("the last answer")
    turned = await shop.commit(lease, "registered", draft=CASE)
    assert turned.lease.tier == "serious"
    (record,) = await shop.rows("SELECT reason, summary, status FROM handoff")
    assert (record.reason, record.status) == ("wants a person · registered 261125-1", "offered")
    assert loaded(record.summary) == {"form": [["What", "坏了"], ["A", "b"]], "wish": "换货"}
    row = await shop.conversation(lease.conversation_id)
    events = await shop.rows(f"SELECT seq, type, data FROM event WHERE conversation_id = {row.id} ORDER BY seq")
    assert (events[-1].type, loaded(events[-1].data)["status"]) == ("handoff", "filed")
    assert events[-1].seq == row.seq, "the desk hears of it, in its place of the log"
