"""Public answers against the strict fake: where they go, what a refusal means, and that nobody is answered twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, TemporarySendError
from bot.messages import Author, Outgoing, Said, Thread
from bot.ports import Receipt
from channels import fit
from channels.weibo.channel import WeiboChannel
from tests.channels.wechat.shelf import MemoryShelf
from tests.channels.weibo.conftest import Open
from tests.channels.weibo.public import ANN
from tests.fakes.weibo import Weibo
from tests.fakes.weibo_public import CREATE

NOW = datetime(2027, 1, 15, tzinfo=UTC)
TEXT = "您好，看到您的情况很抱歉，已私信您，请查收"


@pytest.fixture
def post(weibo: Weibo) -> int:
    return weibo.post(ANN, "@小店客服 充电器冒烟了")


def answer(post: int | str, text: str = TEXT, *, key: str = "kefu-1", handle: str = "", again: int = 0) -> Outgoing:
    at = NOW + timedelta(minutes=again)
    return Outgoing(key, ANN, text, thread=f"public:{post}:{ANN}", handle=handle, queued_at=at, public=True)


async def say(inbox: WeiboChannel, outgoing: Outgoing) -> Receipt:
    [call] = inbox.render(outgoing)
    return await inbox.send(call)


async def test_a_post_is_commented_on_and_a_comment_answered(inbox: WeiboChannel, weibo: Weibo, post: int) -> None:
    receipt = await say(inbox, answer(post, handle=f"status:{post}"))
    number = int(receipt.external_id.removeprefix("comment:"))
    assert weibo.posts[number].text == TEXT
    his = weibo.comment(ANN, post, "没收到私信")
    receipt = await say(inbox, answer(post, "已重新发送", key="kefu-2", handle=f"comment:{his}"))
    assert weibo.posts[int(receipt.external_id.removeprefix("comment:"))].answers == his


async def test_an_agent_answers_what_was_said_last(
    inbox: WeiboChannel, weibo: Weibo, shelf: MemoryShelf, post: int
) -> None:
    his = weibo.comment(ANN, post, "在吗")
    said = (
        Said(1, Author.CUSTOMER, "@小店客服", NOW, f"status:{post}"),
        Said(2, Author.CUSTOMER, "在吗", NOW, f"comment:{his}"),
        Said(3, Author.BOT, "您好", NOW, "comment:1"),
    )
    shelf.conversations.append(Thread(1, f"public:{post}:{ANN}", ANN, NOW, said=said, public=True))
    await say(inbox, answer(post))
    assert [one.answers for one in weibo.posts.values() if one.author == weibo.uid] == [his]


async def test_of_a_comment_that_only_a_push_told_of_the_post_is_asked(
    inbox: WeiboChannel, weibo: Weibo, post: int
) -> None:
    his = weibo.comment(ANN, post, "@小店客服 在吗")
    await say(inbox, answer(f"c{his}", handle=f"comment:{his}"))
    assert weibo.answers(post) == [TEXT]


@pytest.mark.parametrize("numeric", [True, False])
@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (20101, PermanentSendError, "the post is gone"),
        (20201, PermanentSendError, "the comment is gone"),
        (20206, PermanentSendError, "the author lets only some people comment"),
        (20012, PermanentSendError, "too long"),
        (20021, PermanentSendError, "does not allow the words"),
        (20111, PermanentSendError, "repetition"),
        (20016, TemporarySendError, "too many"),
        (10023, TemporarySendError, "used up"),
        (21327, TemporarySendError, "not taken"),
    ],
)
async def test_a_refusal_says_what_to_do(
    inbox: WeiboChannel, weibo: Weibo, post: int, code: int, kind: type[SendError], words: str, numeric: bool
) -> None:
    """WB-09."""
    weibo.numeric = numeric
    weibo.trouble(CREATE, errcode=code)
    with pytest.raises(kind, match=words):
        await say(inbox, answer(post))
    assert weibo.answers(post) == []


async def test_what_is_gone_by_itself_is_refused(inbox: WeiboChannel, weibo: Weibo, post: int) -> None:
    weibo.close_comments(post)
    with pytest.raises(PermanentSendError, match="only some people"):
        await say(inbox, answer(post))
    weibo.delete(post)
    with pytest.raises(PermanentSendError, match="gone"):
        await say(inbox, answer(post, key="kefu-2"))


async def test_what_nobody_saw_the_end_of_is_not_sent_again(inbox: WeiboChannel, weibo: Weibo, post: int) -> None:
    weibo.trouble(CREATE, cut=True)
    for _ in range(3):
        with pytest.raises(AmbiguousSendError):
            await say(inbox, answer(post))
    assert weibo.answers(post) == [TEXT]
    # People send it again: Weibo has it, and it is there once.
    receipt = await say(inbox, answer(post, again=5))
    assert "the first time" in receipt.problem
    assert weibo.answers(post) == [TEXT]


async def test_what_is_out_is_out(open_inbox: Open, weibo: Weibo, post: int) -> None:
    first = await say(open_inbox(), answer(post))
    assert await say(open_inbox(), answer(post)) == first
    assert len(weibo.answers(post)) == 1


async def test_what_certainly_did_not_go_out_may_be_tried_again(inbox: WeiboChannel, weibo: Weibo, post: int) -> None:
    weibo.trouble(CREATE, errcode=10009)
    with pytest.raises(TemporarySendError):
        await say(inbox, answer(post))
    await say(inbox, answer(post))
    assert weibo.answers(post) == [TEXT]


async def test_answers_have_calls_of_their_own_and_then_wait_for_tomorrow(
    open_inbox: Open, weibo: Weibo, shelf: MemoryShelf, post: int
) -> None:
    """WB-07: polling leaves the reserve; when all is gone people are told."""
    inbox = open_inbox(calls_per_day=8, reserve=3)
    budget = inbox._parts.publishing._budget
    while await budget.poll():
        pass
    for n in range(3):
        await say(inbox, answer(post, f"第{n}句", key=f"kefu-{n}"))
    with pytest.raises(TemporarySendError) as waits:
        await say(inbox, answer(post, "第四句", key="kefu-4"))
    assert waits.value.trouble is not None
    assert waits.value.trouble.key == "calls"
    assert 0 < (waits.value.retry_after or 0) <= 86_405
    assert weibo.counts[CREATE] == 3
    shelf.time += timedelta(seconds=waits.value.retry_after or 0)
    await say(open_inbox(calls_per_day=8, reserve=3), answer(post, "第四句", key="kefu-4"))
    assert weibo.answers(post)[-1] == "第四句"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("字" * 140, 1),
        ("字" * 141, 2),
        ("a" * 280, 1),
        ("a" * 281, 2),
        ("字" * 139 + "ab", 1),
        ("😀" * 70, 1),
        ("😀" * 71, 2),
    ],
)
async def test_length_is_counted_as_weibo_counts(inbox: WeiboChannel, weibo: Weibo, text: str, parts: int) -> None:
    post = weibo.post(ANN, "@小店客服")
    pieces = fit.fit(answer(post, text), inbox.capabilities.at(True))
    assert len(pieces) == parts
    for piece in pieces:
        await say(inbox, piece)
    assert "".join(weibo.answers(post)) == text
