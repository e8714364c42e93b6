from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replies.text import detect
from replies.triage.amounts import largest
from replies.triage.judge import Judge
from replies.triage.model import LABELS, Floats, Model
from replies.triage.operators import Lessons
from replies.triage.reading import read
from replies.triage.signs import see
from replies.understanding import History

JUDGE = Judge()


class SmallTalk(Model):
    """Takes everything for small talk."""

    def __init__(self) -> None:
        pass

    def judge(self, folded: str, rules: Sequence[str] = (), vector: Floats | None = None) -> tuple[Floats, float]:
        odds = np.zeros(len(LABELS), np.float32)
        odds[LABELS.index("chitchat")] = 1
        return odds, 0.0


FIRES = (
    ("充电器插上就冒烟", "fire"),
    ("電熱毯漏電把人電到了", "electric"),
    ("屋里一股煤气味", "gas"),
    ("刹车失灵了", "vehicle"),
    ("再逼我我就死给你们看", "self_harm"),
    ("我带着刀来你们店", "violence"),
    ("卡被盗刷了", "money"),
    ("My account was hacked", "account"),
    ("my son was burned by your kettle", "injury"),
    ("你们泄露了我的身份证信息", "privacy"),
    ("我要去法院起诉你们", "law"),
    ("消保官會處理", "authority"),
    ("I've opened a case with the BBB", "authority"),
    ("我已经找了记者", "press"),
    ("就是卖假货的骗子", "fraud"),
    ("這是第四次反映了", "repeat"),
    ("店员骂我穷鬼", "insult"),
    ("如果不退款我就起诉", "law"),
)
CALM = (
    "灭火器保质期几年",
    "这个充电器会不会漏电",
    "如果电池着火了怎么办",
    "律师咨询服务怎么收费",
    "我不投诉，就问一下退货地址",
    "防爆膜多少钱",
    "how long do fire extinguishers last",
    "will it explode",
    "do you sell tennis court shoes",
    "what should I do if a battery catches fire",
    "怎么防止账号被盗",
    "燃气报警器怎么装",
    "请问有分期吗",
)


@pytest.mark.parametrize(("text", "name"), FIRES)
def test_what_must_never_be_missed_is_seen_by_a_rule_and_needs_a_person(text: str, name: str) -> None:
    assert name in {hit.rule.name for hit in see(read(text)).hits if not hit.guard}
    assert JUDGE.understand(text, detect(text)).tier in ("critical", "serious")


@pytest.mark.parametrize("text", CALM)
def test_questions_about_such_things_are_no_complaints(text: str) -> None:
    assert JUDGE.understand(text, detect(text)).tier is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两万八的包", 28000),
        ("三十多万", 300000),
        ("1.5w块", 15000),
        ("$1,200", 1200),
        ("三千五", 3500),
        ("two thousand dollars", 2000),
        ("50万粉丝", None),
        ("订单88213", None),
    ],
)
def test_sums_of_money_in_figures_and_numerals(text: str, value: int | None) -> None:
    found = largest(read(text).folded)
    assert (found and int(found.value)) == value


def test_evidence_is_in_the_customers_own_characters() -> None:
    text = "\u200b充電器冒煙了，還漏電"
    shown = {evidence.words for evidence in JUDGE.understand(text, "zh-Hant").evidence}
    assert {"冒煙", "漏電"} <= shown


def test_a_tier_never_falls_and_the_third_complaint_is_serious() -> None:
    text = "我要投诉你们"
    assert JUDGE.understand(text, "zh-Hans").tier == "moderate"
    assert JUDGE.understand(text, "zh-Hans", History(tier="critical")).tier == "critical"
    assert JUDGE.understand(text, "zh-Hans", History(complaints=2)).tier == "serious"


def test_operators_words_and_examples_decide() -> None:
    taught = Judge(lessons=Lessons({"serious": ["机器…报废"]}, {"火锅底料太辣怎么办": ("inquiry", None)}))
    assert taught.understand("机器又要报废", "zh-Hans").tier == "serious"
    assert taught.understand("火锅底料太辣怎么办？", "zh-Hans").category == "inquiry"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_is_understood_and_evidence_is_where_it_says(text: str) -> None:
    meant = JUDGE.understand(text, detect(text))
    assert (meant.tier is None) == (meant.category != "complaint")
    assert all(text[evidence.start : evidence.end] == evidence.words for evidence in meant.evidence)


@pytest.mark.parametrize(
    "text", ["", "。", "a", "😀😀", "好" * 100_000, "kill " * 20_000, "<script>{{7*7}}</script>", "\u202e漏电"]
)
def test_bad_input_is_understood(text: str) -> None:
    assert JUDGE.understand(text, detect(text)).language


def test_the_end_of_a_long_letter_is_seen() -> None:
    assert JUDGE.understand("您好，" * 30_000 + "插座着火了，孩子烫伤了", "zh-Hans").danger


@pytest.mark.parametrize(
    "text", ["我不想活了", "活不下去了", "唔想活喇", "想死", "I want to die", "I don't want to live", "跳楼给你们看"]
)
def test_despair_said_without_any_complaint_is_critical(text: str) -> None:
    for judge in (JUDGE, Judge(encode=lambda texts: np.full((len(texts), 512), 0.04, np.float32))):
        understood = judge.understand(text, detect(text))
        assert (understood.tier, understood.danger) == ("critical", "self_harm")


@pytest.mark.parametrize("text", ["热得想死", "想死你们家的蛋糕了", "笑死我了", "I want to end my subscription"])
def test_death_as_a_figure_of_speech_is_no_danger(text: str) -> None:
    assert JUDGE.understand(text, detect(text)).tier is None


@pytest.mark.parametrize("text", ["烘干机正在冒烟怎么办", "烘乾機正在冒煙怎麼辦", "厨房正在漏煤气，救命"])
def test_a_danger_that_goes_on_is_no_question(text: str) -> None:
    assert JUDGE.understand(text, detect(text)).tier == "critical"


def test_a_product_is_named_as_the_customer_wrote_it() -> None:
    assert JUDGE.understand("電鍋壞了，我要退款", "zh-Hant").products == ("電鍋",)


@pytest.mark.parametrize("text", ["陳小姐", "李先生", "王女士"])
def test_a_name_is_no_abuse(text: str) -> None:
    assert JUDGE.understand(text, detect(text)).category != "abuse"


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        *((text, "critical") for text in ("着火了", "我触电了", "it exploded", "I got burned", "觸電了")),
        *((text, "serious") for text in ("我会打 12315 的", "打12315了", "12315见", "第三次了", "我要找消保官")),
    ],
)
def test_a_grave_word_is_not_too_short_to_be_heard(text: str, tier: str) -> None:
    """The model knows little that is so short but small talk: here it is sure of that, and does not decide."""
    assert Judge(SmallTalk()).understand(text, detect(text)).tier == tier


@pytest.mark.parametrize("text", ["订单号 A123456", "税号 12315675", "运单 YT1950199"])
def test_a_hotline_within_a_number_is_none(text: str) -> None:
    assert not see(read(text)).hits


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "55123", "3.14 + 2", "２０２６"])
def test_figures_alone_are_no_complaint(text: str) -> None:
    assert JUDGE.understand(text, "en").category == "inquiry"


@pytest.mark.parametrize(("large", "tier"), [(5000, "serious"), (50_000, "moderate")])
def test_the_operator_says_what_loss_is_large(large: int, tier: str) -> None:
    """The model is unsure here: only the sum decides between the tiers."""
    judge = Judge(Torn(), large_loss=large)
    assert judge.understand("两万块的沙发运坏了，赔我", "zh-Hans").tier == tier


class Torn(Model):
    """Sees a moderate complaint in everything."""

    def __init__(self) -> None:
        pass

    def judge(self, folded: str, rules: Sequence[str] = (), vector: Floats | None = None) -> tuple[Floats, float]:
        odds = np.zeros(len(LABELS), np.float32)
        odds[LABELS.index("moderate")] = 1
        return odds, 0.0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我不管你们什么规定，今天必须给我退货", "stubborn"),
        ("I don't care what your policy says, I want my refund", "stubborn"),
        ("哪哪都不满意，颜色差半毫米，我要退", "picky"),
        ("The chair is junk. And another thing, the legs are 2 shades off, refund me", "picky"),
        ("有点纠结，不知道选哪个好", "hesitant"),
        ("I can't decide between the two", "hesitant"),
        ("說來話長，我們家那隻狗", "talkative"),
        ("你好，" + "我昨天去你们店里看了看，后来又去了隔壁，" * 40, "talkative"),
        ("便宜點啦", "bargaining"),
    ],
)
def test_difficult_customers_are_known_by_their_words(text: str, kind: str) -> None:
    understood = JUDGE.understand(text, detect(text))
    assert kind in understood.customer
    shown = [evidence.words for evidence in understood.evidence if evidence.of == f"customer.{kind}"]
    assert (len(shown) == 1 and shown[0] in text) or len(text) > 700


@pytest.mark.parametrize("text", ["运费怎么算", "I want a refund, the cup is broken", "謝謝，很滿意", ""])
def test_not_everybody_is_difficult(text: str) -> None:
    assert JUDGE.understand(text, detect(text)).customer == ()


@pytest.mark.parametrize("text", ["压力锅漏气", "高压锅的气阀老漏气，给我换一个", "轮胎慢漏气，帮我补补"])
def test_steam_and_air_are_no_gas(text: str) -> None:
    assert JUDGE.understand(text, "zh-Hans").tier != "critical"


@pytest.mark.parametrize("text", ["煤气漏了", "厨房漏气，头晕", "气罐漏气了", "家里一股煤气味"])
def test_gas_is(text: str) -> None:
    assert JUDGE.understand(text, "zh-Hans").danger == "gas"


@pytest.mark.parametrize("text", ["还没解决", "沒解決", "未解決", "still not resolved", "not fixed"])
def test_who_is_not_helped_is_no_small_talk(text: str) -> None:
    assert JUDGE.understand(text, detect(text)).tier == "minor"


class Alarmed(Model):
    """Sees danger in everything, and by its vector which."""

    def __init__(self) -> None:
        perils = np.eye(512, dtype=np.float32)[:2]
        own = {"dangers": ("fire", "self_harm"), "perils": perils, "centre": np.zeros(512, np.float32)}
        for name, value in own.items():
            object.__setattr__(self, name, value)

    def judge(self, folded: str, rules: Sequence[str] = (), vector: Floats | None = None) -> tuple[Floats, float]:
        odds = np.zeros(len(LABELS), np.float32)
        odds[LABELS.index("critical")] = 1
        return odds, 0.0


@pytest.mark.parametrize(
    ("text", "at", "danger"),
    [
        ("好好的厨房一早起来全黑了", 0, "fire"),
        ("everyone would be better off without me", 1, "self_harm"),
        ("好好的厨房一早起来全黑了", 5, ""),
        ("插座漏电了", 0, "electric"),
    ],
)
def test_a_danger_that_no_rule_names_is_known_by_what_it_is_like(text: str, at: int, danger: str) -> None:
    judge = Judge(Alarmed(), encode=lambda texts: np.eye(512, dtype=np.float32)[[at] * len(texts)])
    understood = judge.understand(text, detect(text))
    assert (understood.tier, understood.danger) == ("critical", danger)
