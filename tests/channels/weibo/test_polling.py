"""WB-07, WB-08: what is said in public is fetched once, in order, within the calls of a day – whatever happens."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Kind
from channels.weibo import pages, polling
from channels.weibo.lists import LISTS
from tests.channels.wecom.conftest import until
from tests.channels.wecom.ground import Crash, Ground
from tests.channels.weibo.public import ANN, BOB, EVE, Rig
from tests.fakes.conftest import Clock
from tests.fakes.weibo import Weibo
from tests.fakes.weibo_public import COMMENT_MENTIONS, STATUS_MENTIONS, TO_ME

Build = Callable[..., Rig]
PATHS = (TO_ME, STATUS_MENTIONS, COMMENT_MENTIONS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(clock: Clock) -> Iterator[Weibo]:
    with Weibo(clock=clock) as server:
        yield server


@pytest.fixture
def ground(clock: Clock) -> Ground:
    return Ground(clock)


@pytest.fixture
async def build(fake: Weibo, ground: Ground, clock: Clock) -> AsyncIterator[Build]:
    rigs: list[Rig] = []

    def make(**options: Any) -> Rig:
        rigs.append(Rig(fake, options.pop("ground", ground), clock, **options))
        return rigs[-1]

    yield make
    for rig in rigs:
        await rig.channel.close()


@pytest.fixture
async def rig(build: Build) -> Rig:
    made = build()
    await made.start()
    return made


def asked(fake: Weibo) -> int:
    return sum(fake.counts[path] for path in PATHS)


# ---- what is heard ------------------------------------------------------------------------------------------------


async def test_mentions_and_comments_become_public_messages(rig: Rig) -> None:
    rig.fake.person(ANN, screen_name="安安", followers_count="1.2万", verified=True)
    post = rig.fake.post(ANN, "@小店客服 充电器冒烟了")
    ours = rig.fake.post(rig.fake.uid, "新品上市")
    comment = rig.fake.comment(BOB, ours, "什么时候发货？")
    await rig.round()
    said = {one.external_id: one for one in rig.public}
    assert set(said) == {f"status:{post}", f"comment:{comment}"}
    told = said[f"status:{post}"]
    assert (told.sender, told.sender_name, told.thread) == (ANN, "安安", f"public:{post}:{ANN}")
    assert told.extra["public"]["author"]["followers"] == 12_000
    assert told.extra["public"]["id"] == str(post)
    asked_ = said[f"comment:{comment}"]
    assert asked_.thread == f"public:{ours}:{BOB}"
    assert [one["text"] for one in asked_.extra["public"]["around"]] == ["新品上市"]
    assert asked_.extra["public"]["around"][0]["ours"]


async def test_a_mention_allows_one_private_message_and_a_comment_none(rig: Rig) -> None:
    """WB-06."""
    post = rig.fake.post(ANN, "@小店客服 在吗，我的订单呢")
    rig.fake.comment(BOB, rig.fake.post(rig.fake.uid, "新品"), "什么时候发货？")
    await rig.round()
    [once] = [one for one in rig.ground.heard if getattr(one, "kind", None) is Kind.EVENT]
    assert (once.external_id, once.sender, once.thread) == (f"mention:status:{post}", ANN, None)  # type: ignore[union-attr]
    assert once.window.granted == 1  # type: ignore[union-attr]
    assert not once.wakes  # type: ignore[union-attr]
    assert once.window.lasts < timedelta(hours=48)  # type: ignore[union-attr]


async def test_the_first_start_takes_nothing_that_was_said_before(build: Build, fake: Weibo, clock: Clock) -> None:
    fake.post(ANN, "@小店客服 上个月的事")
    clock.time += 60
    rig = build()
    await rig.start()
    fake.post(ANN, "@小店客服 今天的事")
    await rig.round()
    assert rig.texts == ["@小店客服 今天的事"]


async def test_the_first_start_takes_the_hours_it_is_told_to(build: Build, fake: Weibo, clock: Clock) -> None:
    fake.post(ANN, "@小店客服 前天的事")
    clock.time += 40 * 3600
    fake.post(ANN, "@小店客服 昨晚的事")
    clock.time += 6 * 3600
    rig = build(history_hours=24)
    await rig.start()
    assert rig.texts == ["@小店客服 昨晚的事"]


async def test_a_storm_is_read_to_its_end_oldest_first(rig: Rig) -> None:
    said = [f"@小店客服 第{n}个，客服没人管" for n in range(450)]
    for n, text in enumerate(said):
        rig.fake.post(str(5_000_000_000 + n), text)
    await rig.round()
    assert rig.texts == said


async def test_a_storm_without_calls_left_is_read_on_the_next_day(build: Build, fake: Weibo, clock: Clock) -> None:
    rig = build(calls_per_day=6, reserve=1)
    await rig.start()
    for n in range(1100):
        fake.post(str(5_000_000_000 + n), f"@小店客服 第{n}个")
    for _ in range(60):
        clock.time += 3600
        await rig.step()
    assert sorted(rig.texts) == sorted(f"@小店客服 第{n}个" for n in range(1100))
    assert max(fake.spent.values()) <= 6
    assert Counter(one.external_id for one in rig.public).most_common(1)[0][1] == 1


async def test_ids_stay_exact(rig: Rig) -> None:
    """WB-08: two ids that are one double."""
    first, second = rig.fake.post(ANN, "@小店客服 一号单坏了"), rig.fake.post(BOB, "@小店客服 二号单没到")
    assert float(first) == float(second)
    await rig.round()
    assert [one.external_id for one in rig.public] == [f"status:{first}", f"status:{second}"]
    assert rig.ground.values["since:statuses"][0] == str(second)


# ---- what breaks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_the_commit_nothing_is_lost_and_nothing_doubled(
    when: str, build: Build, fake: Weibo, ground: Ground
) -> None:
    rig = build()
    await rig.start()
    for n in range(5):
        fake.post(ANN, f"@小店客服 第{n}件事")
    ground.dies = (when, 1)
    with pytest.raises(Crash):
        await rig.round()
    again = build()
    await again.round()
    await again.round()
    assert again.texts == [f"@小店客服 第{n}件事" for n in range(5)]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "html": True},
        {"html": True},
        {"errcode": 10009},
        {"errcode": 10014},
        {"cut": True},
        {"status": 429, "html": True},
    ],
)
async def test_a_list_that_cannot_be_read_moves_nothing_and_stops_no_other(rig: Rig, fault: dict[str, Any]) -> None:
    rig.fake.comment(BOB, rig.fake.post(rig.fake.uid, "新品"), "什么时候发货？")
    post = rig.fake.post(ANN, "@小店客服 漏电了")
    rig.fake.trouble(TO_ME, **fault)
    await rig.round()
    assert [one.external_id for one in rig.public] == [f"status:{post}"]
    for _ in range(3):
        await rig.round()
    assert sorted(rig.texts) == sorted(["什么时候发货？", "@小店客服 漏电了"])


async def test_one_broken_item_is_kept_for_a_person(rig: Rig) -> None:
    first = rig.fake.post(ANN, "@小店客服 第一件")
    rig.fake.posts[first].extra["text"] = ["not", "text"]
    rig.fake.post(BOB, "@小店客服 第二件")
    await rig.round()
    broken, well = rig.public
    assert broken.kind is Kind.OTHER
    assert '"not"' in broken.extra["raw"]
    assert broken.sender == ANN
    assert well.text == "@小店客服 第二件"


async def test_what_the_store_never_takes_stops_nothing(rig: Rig) -> None:
    rig.ground.refuses = "毒"
    rig.fake.post(ANN, "@小店客服 毒")
    rig.fake.post(BOB, "@小店客服 正常的问题")
    await rig.round()
    assert rig.texts == ["[无法保存的消息]", "@小店客服 正常的问题"]


async def test_a_dead_token_is_told_and_not_asked_with_again_at_once(rig: Rig) -> None:
    rig.fake.kill_token(21327)
    rig.clock.time += 3600
    before = asked(rig.fake)
    for _ in range(20):
        await rig.step()
        rig.clock.time += 10
    assert asked(rig.fake) == before + 1
    assert "token" in rig.ground.troubles
    rig.fake.kill_token(0)
    post = rig.fake.post(ANN, "@小店客服 急")
    await rig.round()
    await rig.round()
    assert [one.external_id for one in rig.public] == [f"status:{post}"]
    assert "token" not in rig.ground.troubles


@pytest.mark.parametrize("numeric", [True, False])
async def test_over_the_rate_it_rests_longer_each_time(rig: Rig, numeric: bool) -> None:
    """WB-09: whether error codes are numbers or text."""
    rig.fake.numeric = numeric
    for path in PATHS:
        rig.fake.trouble(path, errcode=10023, times=None)
    rig.clock.time += 3600
    before = asked(rig.fake)
    times: list[float] = []
    for _ in range(6 * 60):
        await rig.step()
        if asked(rig.fake) > before + len(times):
            times.append(rig.clock.time)
        rig.clock.time += 60
    pauses = [later - one for one, later in itertools.pairwise(times)]
    assert pauses[0] >= 1800
    assert pauses == sorted(pauses)
    assert len(times) <= 5


# ---- the budget ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("restarts", "longest"), [(360, 3600), (97, 7200)])
async def test_a_day_never_costs_more_than_it_may_and_is_spread_over_its_hours(
    build: Build, fake: Weibo, clock: Clock, restarts: int, longest: float
) -> None:
    """WB-07."""
    clock.time = (clock.time // 86400 + 1) * 86400 - 8 * 3600  # midnight in China
    rig = build()
    at: list[float] = []
    for minute in range(2 * 1440):
        if minute % restarts == 0:
            rig = build()
        before = asked(fake)
        await rig.step()
        at += [clock.time] * (asked(fake) - before)
        clock.time += 60
    assert max(fake.spent.values()) <= 80  # 20 are for answers
    assert all(count > 70 for count in list(fake.spent.values())[:2])
    assert fake.refused == []
    pauses = [later - one for one, later in itertools.pairwise(at)]
    assert max(pauses) < longest


async def test_where_pushes_work_the_calls_go_to_what_no_push_tells_of(rig: Rig) -> None:
    async with rig.listening():
        rig.channel.ring(rig.mention(ANN, rig.fake.post(ANN, "@小店客服 在吗？"), "@小店客服 在吗？"))
        await until(lambda: bool(rig.public) and polling.PUSHED in rig.ground.values)
    before = Counter(rig.fake.counts)
    for _ in range(1440):
        rig.clock.time += 60
        await rig.step()
    spent = {path: rig.fake.counts[path] - before[path] for path in PATHS}
    assert spent[TO_ME] > 4 * spent[STATUS_MENTIONS]
    assert spent[STATUS_MENTIONS] >= 2
    assert spent[COMMENT_MENTIONS] >= 2


# ---- pushes -------------------------------------------------------------------------------------------------------


async def test_a_push_is_looked_up_and_told_whole(rig: Rig) -> None:
    rig.fake.person(ANN, screen_name="安安", followers_count=2_000_000)
    theirs = rig.fake.post(BOB, "大家用哪家的充电器")
    comment = rig.fake.comment(ANN, theirs, "别买 @小店客服 的，烫伤孩子了")
    async with rig.listening():
        request = rig.mention(ANN, comment, "别买 @小店客服 的，烫伤孩子了", "comment")
        assert [one.external_id for one in rig.channel.parse(request)] == [f"mention:comment:{comment}"]
        rig.channel.ring(request)
        await until(lambda: bool(rig.public))
    [told] = rig.public
    assert told.thread == f"public:{theirs}:{ANN}"
    assert told.extra["public"]["author"]["followers"] == 2_000_000


async def test_a_push_that_cannot_be_looked_up_is_kept_as_it_was_told(rig: Rig) -> None:
    post = rig.fake.post(ANN, "@小店客服 漏电了")
    rig.fake.trouble(STATUS_MENTIONS, errcode=10023)
    async with rig.listening():
        rig.channel.ring(rig.mention(ANN, post, "@小店客服 漏电了"))
        await until(lambda: bool(rig.public))
    await rig.round()
    await rig.round()
    assert [(one.external_id, one.text) for one in rig.public] == [(f"status:{post}", "@小店客服 漏电了")]


async def test_a_push_waits_for_the_store(rig: Rig) -> None:
    post = rig.fake.post(ANN, "@小店客服 漏电了")
    async with rig.listening():
        rig.ground.failing = 3
        rig.channel.ring(rig.mention(ANN, post, "@小店客服 漏电了"))
        await until(lambda: bool(rig.public))
    assert rig.texts == ["@小店客服 漏电了"]


async def test_what_a_dead_process_had_in_hand_is_kept_by_the_next(build: Build, fake: Weibo) -> None:
    """The lists may be closed to us: then the push's own words are all there is."""
    fake.trouble(STATUS_MENTIONS, errcode=10014, times=None)
    dead, living = build(), build()
    post = fake.post(ANN, "@小店客服 漏电了")
    (event,) = dead.channel.parse(dead.mention(ANN, post, "@小店客服 漏电了"))[:1]
    await dead.ground.accept([event])
    async with living.listening():
        await until(lambda: bool(living.public))
    assert [(one.external_id, one.text) for one in living.public] == [(f"status:{post}", "@小店客服 漏电了")]
    assert await living.ground.announced("mention:") == []


async def test_more_pushes_than_fit_in_the_line_are_found_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.polling, "_pushed", asyncio.Queue(2))
    rig.fake.trouble(STATUS_MENTIONS, errcode=10014, times=None)
    for n in range(6):
        request = rig.mention(str(5_000_000_000 + n), rig.fake.post(ANN, f"第{n}个"), f"@小店客服 第{n}个坏了")
        await rig.ground.accept(rig.channel.parse(request)[:1])
        rig.channel.ring(request)
    async with rig.listening():
        await until(lambda: len(rig.public) == 6)


async def test_a_push_for_nobody_is_not_heard(build: Build, fake: Weibo) -> None:
    rig = build(ignore=[BOB, "代购"])
    for author, words in ((BOB, "@小店客服 你好"), (ANN, "@小店客服 代购走起")):
        request = rig.mention(author, fake.post(author, words), words)
        assert rig.channel.parse(request) == []
        async with rig.listening():
            rig.channel.ring(request)
            await rig.step()
    assert rig.public == []


async def test_without_a_listener_a_push_is_told_at_once(rig: Rig) -> None:
    heard = rig.channel.parse(rig.mention(ANN, 5_300_000_000_000_000_001, "@小店客服 漏电了"))
    assert [one.public for one in heard] == [False, True]


async def test_pushes_of_a_storm_do_not_use_up_the_day(rig: Rig) -> None:
    async with rig.listening():
        for n in range(40):
            author = str(5_000_000_000 + n)
            rig.channel.ring(rig.mention(author, rig.fake.post(author, f"@小店客服 第{n}个"), f"@小店客服 第{n}个"))
            await until(lambda n=n: len(rig.public) > n)  # type: ignore[misc]
    assert asked(rig.fake) < 60
    assert len(rig.public) == 40


# ---- several ------------------------------------------------------------------------------------------------------


async def test_of_two_processes_one_goes_round(build: Build, fake: Weibo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "LOOK", 0.02)
    one, other = build(), build()
    async with one.listening(), other.listening():
        await until(lambda: asked(fake) >= 3)
        for _ in range(5):
            one.clock.time += 1
            await until(lambda: True)
    assert Counter({path: fake.counts[path] for path in PATHS}) == Counter(dict.fromkeys(PATHS, 1))


async def test_the_same_trouble_of_many_people_has_one_name(rig: Rig) -> None:
    words = "@小店客服 你们家的充电器昨天晚上突然冒烟起火了，差点烧到孩子，请给个说法"
    rig.fake.post(ANN, words)
    first = rig.fake.post(BOB, "今天天气真好 @小店客服 想问问营业时间是几点到几点呀")
    await rig.round()
    rig.fake.post(EVE, words.replace("昨天晚上", "昨晚") + "！！")
    await rig.round()
    named = {one.sender: one.incident for one in rig.public}
    assert named[ANN] == named[EVE] != ""
    assert named[BOB] == f"post:{first}"


@pytest.mark.parametrize("cursor", ["", "x", "1 2", "1 2 3 4", "-5", "9" * 30])
def test_a_cursor_that_makes_no_sense_begins_anew(cursor: str) -> None:
    assert pages.place(cursor).new


def test_every_list_has_its_turn() -> None:
    from datetime import UTC, datetime

    now = datetime(2027, 1, 15, tzinfo=UTC)
    last = {one.name: now - timedelta(minutes=n) for n, one in enumerate(LISTS, 1)}
    assert polling.following(last, now, pushes=False) is LISTS[2]
    assert polling.following(last, now, pushes=True) is LISTS[0]
