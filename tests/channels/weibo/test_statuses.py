"""What public items are read as; what is nobody's; what many talk about. Tables, and anything at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PayloadError
from bot.messages import Incoming, Kind
from channels.weibo import incidents, statuses, words
from channels.weibo.budget import Day, resting
from channels.weibo.spam import Account, Fate, Seen, judge

US, ANN, BOB = "1902538057", "2489518277", "3300000001"
ACCOUNT = Account(US, ("9988776655", "转发抽奖"))
POST = 5_300_000_000_000_000_007
NOW = datetime(2027, 1, 15, tzinfo=UTC)


def user(uid: str = ANN, **more: Any) -> dict[str, Any]:
    return {"id": int(uid), "idstr": uid, "screen_name": f"用户{uid[-4:]}", "followers_count": 12, **more}


def status(text: Any = "@小店客服 漏电了", **more: Any) -> dict[str, Any]:
    at = "Fri Jan 15 08:00:00 +0800 2027"
    return {"id": POST, "idstr": str(POST), "mid": str(POST), "text": text, "created_at": at, "user": user(), **more}


def comment(text: str = "坏了", **more: Any) -> dict[str, Any]:
    return {"id": POST + 1, "text": text, "user": user(BOB), "status": status("新品", user=user(US)), **more}


def read(item: Any) -> Incoming:
    kind = statuses.comment if isinstance(item, dict) and "status" in item else statuses.status
    found, rule = kind(item, ACCOUNT)
    assert found is not None, rule
    return found


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("A &lt;b&gt; &amp; 1 < 2", "A <b> & 1 < 2"),
        ('哭<span class="url-icon"><img alt="[泪]" src="x.png"/></span>了', "哭[泪]了"),
        ('看<a href="http://t.cn/x">网页链接</a><br />二', "看网页链接\n二"),
        ("零​宽‮", "零宽"),
        ("👨\u200d👩\u200d👧 一家", "👨\u200d👩\u200d👧 一家"),
        ("**粗** [链接](http://t.cn/a)", "**粗** [链接](http://t.cn/a)"),
    ],
)
def test_words_are_as_people_read_them(told: str, text: str) -> None:
    assert read(status(told)).text == text


def test_a_post_is_whole() -> None:
    item = status(
        source='<a href="http://app.weibo.com/" rel="nofollow">iPhone客户端</a>',
        user=user(verified=True, verified_reason="知名<b>博主", followers_count="1.2万"),
        pic_urls=[{"thumbnail_pic": "http://wx1.sinaimg.cn/thumbnail/abc.jpg"}],
        isLongText=True,
    )
    told = read(item)
    public = told.extra["public"]
    assert public["author"] == {"name": "用户8277", "followers": 12_000, "verified": True, "description": "知名<b>博主"}
    assert told.attachments[0].url == "https://wx1.sinaimg.cn/large/abc.jpg"
    assert told.extra["source"] == "iPhone客户端"
    assert public["long"]
    assert public["link"].startswith(f"https://weibo.com/{ANN}/")
    assert told.sent_at == NOW
    assert told.handle == told.external_id == f"status:{POST}"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (3, 3),
        ("45", 45),
        ("1.2万", 12_000),
        ("3亿", 300_000_000),
        ("1,234", 1234),
        ("x", 0),
        (None, 0),
        ("12.34萬", 123_400),
    ],
)
def test_followers_are_counted_however_they_are_written(written: Any, number: int) -> None:
    assert read(status(user=user(followers_count=written))).extra["public"]["author"]["followers"] == number


@pytest.mark.parametrize("at", ["Fri Jan 15 08:00:00 +0800 2027", "1799971200", 1799971200, 1799971200000])
def test_times_are_read_in_every_form(at: Any) -> None:
    assert read(status(created_at=at)).sent_at == NOW


def test_around_a_comment_stand_the_post_and_what_it_answers() -> None:
    told = read(comment("回复@小店客服:还是坏的", reply_comment={"id": 3, "text": "请私信", "user": user(US)}))
    around = told.extra["public"]["around"]
    assert [(one["text"], one["ours"]) for one in around] == [("新品", True), ("请私信", True)]
    assert told.thread == f"public:{POST}:{BOB}"


def test_a_repost_says_its_own_words_and_the_others_stand_around() -> None:
    passed = status("原文：充电器冒烟", user=user(BOB), id=9, idstr="9")
    told = read(status("太可怕了 //@路人:真的假的//@小红:我也是", retweeted_status=passed))
    assert told.text == "太可怕了"
    around = [(one["who"], one["text"]) for one in told.extra["public"]["around"]]
    assert around == [("用户0001", "原文：充电器冒烟"), ("小红", "我也是"), ("路人", "真的假的")]
    assert told.extra["post"] == "9"


def test_who_calls_us_to_his_own_post_says_what_stands_there() -> None:
    own = status("昨天买的锅炸了", user=user(BOB))
    told = read({**comment("@小店客服"), "status": own})
    assert told.text == "@小店客服\n昨天买的锅炸了"
    assert told.wakes


@pytest.mark.parametrize(
    ("item", "fate"),
    [
        (status("官方", user=user(US)), "ignored"),
        (status("@小店客服 hi", user=user("9988776655")), "ignored"),
        (status("转发抽奖 @小店客服 @甲 @乙"), "ignored"),
        (status("转发微博", retweeted_status=status("新品", user=user(US))), "ignored"),
        (status("//@小店客服:谢谢", retweeted_status=status("新品", user=user(US))), "ignored"),
        (status("\u200b\u200b"), "ignored"),
        (status("@小店客服 代运营涨粉，加微信 abc12345"), "ignored"),
        (status("转发微博", retweeted_status=status("锅炸了", user=user(BOB))), "doubtful"),
        (status("@小店客服"), "doubtful"),
        (status("@小店客服 http://t.cn/A6abcd"), "doubtful"),
        (status("@小店客服 高仿手表"), "doubtful"),
        (status("@小店客服 @甲 @乙 @丙 @丁 来"), "doubtful"),
        # Who may be a customer is heard.
        (status("@小店客服 你们的人让我刷单，骗了三千，加微信 abc12345 之后就没影了"), "heard"),
        (status("@小店客服 什么时候发货"), "heard"),
        (status("@小店客服 ？？？"), "heard"),
        (status("@小店客服", pic_urls=[{"thumbnail_pic": "http://wx1.sinaimg.cn/thumbnail/a.jpg"}]), "heard"),
        (status("坏了还不给退 //@小店客服:新品", retweeted_status=status("新品", user=user(US))), "heard"),
        (comment("差评"), "heard"),
        (comment("[怒]"), "heard"),
        (comment("1"), "heard"),
    ],
)
def test_what_is_nobodys_is_ignored_and_what_is_doubtful_wakes_nobody(item: dict[str, Any], fate: str) -> None:
    found, rule = (statuses.comment if "status" in item else statuses.status)(item, ACCOUNT)
    assert ("ignored" if found is None else "heard" if found.wakes else "doubtful") == fate, rule


@pytest.mark.parametrize(
    "item",
    [
        *(None, 7, "x", [], {}, {"id": POST}, status(user=None), status(user=[]), status(None)),
        status(id="x", idstr="", mid=0),
    ],
)
def test_what_cannot_be_read_is_kept_raw(item: Any) -> None:
    found, _ = statuses.status(item, ACCOUNT)
    assert found is not None
    assert found.kind is Kind.OTHER
    assert found.thread
    assert found.sender


@pytest.mark.parametrize("item", [status("抱歉，此微博已被作者删除。", user=None), status("x", user=None, deleted="1")])
def test_a_deleted_post_without_its_author_is_nothing(item: dict[str, Any]) -> None:
    assert statuses.status(item, ACCOUNT) == (None, "deleted")


def test_a_comment_under_a_deleted_post_is_heard_and_says_so() -> None:
    gone = status("抱歉，此微博已被作者删除。查看帮助：http://t.cn/RfFsJV", user=None)
    told = read({**comment("锅炸了"), "status": gone})
    assert told.extra["public"]["deleted"]
    assert told.wakes


@pytest.mark.parametrize("told", [{}, {"statuses": None}, {"statuses": {}}, {"statuses": "x"}, {"comments": []}])
def test_a_page_without_its_list_is_none(told: dict[str, Any]) -> None:
    with pytest.raises(PayloadError):
        statuses.page(told, "statuses", ACCOUNT, mention=True, now=NOW, hours=48)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["id", "idstr", "mid", "text", "user", "status", "screen_name", "retweeted_status", "pic_urls",
                         "thumbnail_pic", "reply_comment", "created_at", "deleted", "followers_count", "source"]),
        inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(st.lists(JSON, max_size=4), st.sampled_from(["statuses", "comments"]))
def test_nothing_breaks_the_reading_and_all_has_a_place(items: list[Any], name: str) -> None:
    told = statuses.page({name: items}, name, ACCOUNT, mention=True, now=NOW, hours=48)
    for one in told.heard:
        assert one.external_id
        assert one.sender
        assert one.public != (one.kind is Kind.EVENT)


@pytest.mark.parametrize(
    "piece", ["<a ", "@", "#", "//@a", "[", "<img alt=", "加微信", "回复@", "http://", "🔥", "微信："]
)
def test_long_words_are_quick(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    told, chain = words.own(words.plain(text))
    words.topics(told)
    judge(Seen(ANN, told), ACCOUNT)
    incidents.name((), incidents.Told("status:1", "1", told, NOW))
    assert len(chain) <= 100_000


@given(st.text(max_size=200))
def test_a_customer_who_says_something_of_trouble_is_never_ignored(text: str) -> None:
    fate, _ = judge(Seen(ANN, f"{text}退款投诉"), Account(US))
    assert fate is not Fate.IGNORED


# ---- incidents ----------------------------------------------------------------------------------------------------

CRY = "你们家的充电器昨天晚上突然冒烟起火了，差点烧到孩子，请给个说法"


def told(n: int, text: str, subject: str = "", hours: float = 0, *, ours: bool = False) -> incidents.Told:
    return incidents.Told(f"status:{n}", subject or str(n), text, NOW + timedelta(hours=hours), ours)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (told(1, CRY), told(2, CRY.replace("昨天晚上", "昨晚") + "！"), True),
        (told(1, CRY), told(2, f"@小店客服 {CRY} http://t.cn/abc"), True),
        (told(1, CRY), told(2, CRY, hours=47), True),
        (told(1, CRY), told(2, CRY, hours=49), False),
        (told(1, "客服在吗"), told(2, "客服在吗"), False),
        (told(1, "我也遇到了", "9"), told(2, "完全不同的一句话", "9"), True),
        (told(1, "尺码怎么选呀", "9", ours=True), told(2, "什么时候发货呢", "9", ours=True), False),
        (told(1, "我的也坏了", "9", ours=True), told(2, "退款退款", "9", ours=True), True),
        (told(1, "#充电器起火# 太坑了"), told(2, "气死了，退款！#充电器起火#"), True),
        (told(1, "#早安# 今天真好"), told(2, "#早安# 大家好呀"), False),
        (told(1, CRY), told(2, "请问你们的营业时间是几点到几点，周末也开门吗"), False),
    ],
)
def test_the_same_incident_has_one_name(one: incidents.Told, other: incidents.Told, same: bool) -> None:
    first, memory = incidents.name((), one)
    second, memory = incidents.name(memory, other)
    assert (first == second != "") == same
    assert incidents.load(incidents.dump(memory)) == memory
    assert incidents.name(memory, one)[0] == first


@given(st.lists(st.text(max_size=30), max_size=8))
def test_naming_is_the_same_each_time_and_the_memory_is_bounded(texts: list[str]) -> None:
    memory: incidents.Memory = ()
    keys = []
    for n, text in enumerate(texts):
        key, memory = incidents.name(memory, told(n, text))
        keys.append(key)
    assert [incidents.name(memory, told(n, text))[0] for n, text in enumerate(texts)] == keys
    assert len(memory) <= incidents.MOST


@pytest.mark.parametrize("kept", [None, "", "x", "[]", "[[1]]", "{}", '[["a","b","c",[],[1],5]]'])
def test_a_memory_that_cannot_be_read_is_none(kept: str | None) -> None:
    assert incidents.load(kept) == ()


# ---- the day ------------------------------------------------------------------------------------------------------


@given(st.integers(0, 120), st.integers(5, 1000), st.integers(0, 4), st.integers(0, 86399))
def test_what_is_left_lasts_until_the_day_ends(used: int, calls: int, reserve: int, second: int) -> None:
    day = Day(NOW + timedelta(seconds=second), used, calls, reserve)
    assert 0 < day.rest <= 86400
    assert day.pause >= min(60.0, day.rest)
    if day.left and day.pause > 60:
        assert day.pause * day.left == pytest.approx(day.rest)
    if not day.left:
        assert day.pause == day.rest
        assert not day.hurry


@pytest.mark.parametrize("code", [10022, 10023, 10024, 20016])
def test_rests_grow_and_end(code: int) -> None:
    told = [resting(code, n) for n in range(1, 30)]
    assert told == sorted(told)
    assert told[1] == 2 * told[0]
    assert told[-1] <= 4 * 3600
