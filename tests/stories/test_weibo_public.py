"""A word said to the account on Weibo's square: it is heard, answered there once, and carried on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.fakes import weibo_pushes
from tests.stories.conftest import LogsIn
from tests.stories.networks import delivered, has, message, say, shown
from tests.stories.people import COUNT
from tests.stories.serving import LI, WANG, hire
from tests.stories.weibo import WEIBO, Account, Fan, account


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with account(tmp_path_factory.mktemp("weibo-public")) as made:
        hire(made.kefu.store_url, LI, WANG)
        made.kefu.start()
        yield made
        code = made.kefu.stop()
    lines = "".join(made.kefu.lines)
    assert code == 0, lines
    assert "Traceback" not in lines, lines
    assert made.weibo.token not in lines


@pytest.fixture
async def zhang(there: Account) -> AsyncIterator[Fan]:
    fan = Fan(there)
    yield fan
    await fan.goes()


async def test_a_word_in_public_is_heard_and_answered_there_once(there: Account, zhang: Fan, logs_in: LogsIn) -> None:
    li, weibo = await logs_in(there.kefu, LI), there.weibo
    weibo.person(zhang.uid, screen_name="张三", followers_count=3_000)
    words = f"@小店客服 买的杯子碎了，要求退款，没人管吗 {next(COUNT)}"
    post = weibo.post(zhang.uid, words)
    weibo.mention(zhang.uid)
    await zhang.tells(weibo_pushes.mention(zhang.uid, "status", str(post), words))
    place = await has(li, WEIBO, words)
    assert (await li.row(place))["public"] is True
    await li.does("claim", place)
    answer = f"您好，看到了，马上帮您处理，请留意私信 {next(COUNT)}"
    say([await li.replies(place, answer)])
    await message(li, place, answer, delivered("sent"))
    assert await shown(lambda: [one for one in weibo.answers(post) if one == answer], "the answer") == [answer]

    # He answers under it: the same conversation.
    mine = next(one.id for one in weibo.posts.values() if one.text == answer)
    more = f"好的，@小店客服 等着 {next(COUNT)}"
    comment = weibo.comment(zhang.uid, post, more, answers=mine)
    await zhang.tells(weibo_pushes.mention(zhang.uid, "comment", str(comment), more))
    assert await has(li, WEIBO, more) == place

    # What he deleted cannot be answered any more, and the agent reads why.
    weibo.delete(post)
    weibo.delete(comment)
    late = f"还在吗 {next(COUNT)}"
    say([await li.replies(place, late)])
    await message(li, place, late, delivered("failed", "gone"))


async def test_whoever_is_killed_with_a_push_in_hand_finds_it_again(
    there: Account, zhang: Fan, logs_in: LogsIn
) -> None:
    words = f"@小店客服 快递一直没到，烦死了 {next(COUNT)}"
    post = there.weibo.post(zhang.uid, words)
    await zhang.tells(weibo_pushes.mention(zhang.uid, "status", str(post), words))
    there.kefu.kill()
    there.weibo.advance(3600)
    there.kefu.start()
    li = await logs_in(there.kefu, LI)
    assert await has(li, WEIBO, words)
