"""The register as customers talk through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.messages import Status
from replies.forms.draft import Draft
from replies.forms.rule import REMINDER
from replies.knowledge import Knowledge
from tests.replies.forms.filling import Customer


@dataclass(frozen=True)
class Tongue:
    language: str
    register: str
    complaint: str
    date: str
    product: str
    wish: str
    phone: str
    skip: str
    confirm: str
    later: str
    resume: str


TONGUES = [
    Tongue(
        "zh-Hans", "登记投诉", "收到的电饭煲不通电", "上周三", "电饭煲", "退款", "13800138000", "跳过", "对，提交",
        "以后再说", "接着填",
    ),
    Tongue(
        "zh-Hant", "我要登記客訴", "收到的電鍋插電沒反應", "上個禮拜三", "電鍋", "換貨", "0912-345-678", "略過",
        "對，送出", "算了", "接著填",
    ),
    Tongue(
        "en", "I want to register a complaint", "The rice cooker does not turn on.", "last Wednesday", "rice cooker",
        "a refund", "+86 138 0013 8000", "skip", "Yes, submit", "another time", "continue",
    ),
]  # fmt: skip
each_tongue = pytest.mark.parametrize("tongue", TONGUES, ids=lambda t: t.language)


def begun(knowledge: Knowledge, name: str = "") -> Customer:
    customer = Customer(knowledge, name=name)
    customer.says("登记投诉")
    return customer


@each_tongue
def test_a_whole_register(knowledge: Knowledge, tongue: Tongue) -> None:
    customer = Customer(knowledge, tongue.language)
    customer.says(tongue.register)
    form = knowledge.forms.complaint[customer.draft.language]
    for text in (tongue.complaint, tongue.date, "QH20261101", tongue.product, tongue.wish, "Chen", tongue.phone):
        customer.says(text)
    customer.shows()
    details = [one for one in form.fields if one.detail]
    customer.taps(form.buttons["more"].label)
    for one in details:
        assert one.ask in customer.last.replies[0].text
        customer.says("2026-11-01" if one.kind == "date" else "B123")
    assert all(one.label in customer.last.replies[0].text for one in form.fields), "the case is said once more, whole"
    done = customer.taps(tongue.confirm)
    assert "261125-17" in done
    assert form.within in done
    assert customer.form == {}
    (case,) = customer.handed
    assert list(case) == [one.label for one in form.fields]
    assert case[form.fields[0].label] == tongue.complaint
    assert case["发生时间" if tongue.language == "zh-Hans" else form.fields[1].label].startswith(
        "18 November 2026" if tongue.language == "en" else "2026年11月18日"
    )
    assert customer.last.handoff is not None
    assert customer.last.handoff.tier == "moderate"
    assert customer.language == tongue.language
    kept = customer.last.case
    assert kept is not None
    assert kept.number in done, "he is told the number it is kept under"
    assert [kept.labels[name] for name in kept.fields] == list(case)
    assert list(kept.fields.values()) == list(case.values()), "as people read it"


def test_a_second_register_of_a_conversation_has_a_number_of_its_own(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    numbers = []
    for _ in range(2):
        for text in ("收到的电饭煲不通电", "昨天", "跳过", "电饭煲", "退款", *("跳过",) * 3, "不用了"):
            assert customer.last.case is None
            customer.says(text)
        customer.says("对，提交")
        assert customer.last.case is not None
        numbers.append(customer.last.case.number)
        customer.says("登记投诉")
    assert numbers == ["261125-17", "261125-17-2"]


@each_tongue
def test_stopped_it_is_kept_and_gone_on_with_on_another_day(knowledge: Knowledge, tongue: Tongue) -> None:
    customer = Customer(knowledge, tongue.language)
    customer.says(tongue.register)
    customer.says(tongue.complaint)
    customer.says(tongue.later)
    assert customer.last.rule == "form.stop"
    assert REMINDER not in customer.timers
    customer.returns(timedelta(days=1))
    again = customer.says(tongue.resume)
    assert customer.last.rule == "form.resume"
    assert tongue.complaint.rstrip(".") in again
    customer.says(tongue.date)
    assert customer.answers["what"] == tongue.complaint
    assert customer.answers["when"] == ("2026-11-18" if tongue.language != "en" else customer.answers["when"])


def test_one_who_complained_is_offered_the_form_and_what_he_said_is_filled_in(knowledge: Knowledge) -> None:
    customer = Customer(knowledge, name="小张")
    customer.says("我的订单号是 QH20261101")
    customer.says("电饭煲上周三收到就不通电，我要求退款，必须退！")
    assert customer.status is Status.OPEN
    assert "登记投诉" in customer.buttons
    said = customer.taps("登记投诉")
    assert "订单号：QH20261101" in said
    assert "姓名或公司：小张" in said
    assert "发生时间：2026年11月18日" in said
    assert customer.answers["what"].startswith("电饭煲上周三收到就不通电")


def test_nobody_in_danger_is_offered_a_form_or_gets_one(knowledge: Knowledge) -> None:
    customer = Customer(knowledge)
    customer.says("电饭煲着火了，孩子被烫伤了")
    assert "登记投诉" not in customer.buttons
    customer.says("登记投诉")
    assert customer.form == {}
    assert customer.last.rule == "silent.person"


def test_danger_breaks_out_and_hands_over_what_there_is(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("插座不好用")
    customer.says("现在冒烟了，着火了！")
    assert customer.last.rule == "tier.critical"
    assert customer.handed == [{"事情经过": "插座不好用"}]
    assert customer.answers["what"] == "插座不好用", "nothing is lost"
    customer.says("上周三")
    assert customer.last.rule == "silent.person"


def test_a_person_can_be_had_at_every_step_and_gets_what_there_is(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("电饭煲坏了")
    customer.says("转人工")
    assert customer.last.rule == "person.asked"
    assert customer.handed == [{"事情经过": "电饭煲坏了"}]
    assert customer.says("上周三"), "until somebody comes, the form goes on"
    assert customer.says("转人工") != ""
    assert customer.last.rule == "form.waiting"
    customer.taken = True
    assert customer.says("电饭煲") == "", "a person has the conversation"
    assert customer.answers["when"] == "2026-11-18"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("不对，是上周五", "when", "2026-11-20"),
        ("时间说错了，应该是3月5号", "when", "2026-03-05"),
        ("电话写错了，是13900139000", "phone", "13900139000"),
        ("手机改成13900139000", "phone", "13900139000"),
        ("订单号应该是 QH999999", "order", "QH999999"),
        ("不是QH20261101，是QH20261102", "order", "QH20261102"),
        ("the order number is QH20261102 not QH20261101", "order", "QH20261102"),
        ("产品写错了，是电压力锅", "product", "电压力锅"),
        ("产品不是电饭煲，是豆浆机", "product", "豆浆机"),
        ("更正一下，姓名是李四", "name", "李四"),
        ("我叫李四", "name", "李四"),
        ("不对，我要换货", "wish", "replacement"),
    ],
)
def test_an_earlier_answer_is_corrected_in_words(knowledge: Knowledge, text: str, field: str, value: str) -> None:
    customer = begun(knowledge)
    for answer in ("坏了", "上周三", "QH20261101", "电饭煲", "退款", "张三", "13800138000"):
        customer.says(answer)
    before = customer.answers
    said = customer.says(text)
    assert customer.answers == {**before, field: value}
    assert "改" in said or "is now" in said
    assert customer.draft.asked == "photos", "and the question before it is asked again"


def test_the_last_answer_is_corrected_without_naming_it(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    for answer in ("坏了", "跳过", "跳过", "电饭煲"):
        customer.says(answer)
    customer.says("不对，是豆浆机")
    assert customer.answers["product"] == "豆浆机"
    assert customer.draft.asked == "wish"


def test_a_story_is_not_taken_for_a_correction(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    story = "寄来的不是我要的颜色，应该是红色，型号也不对"
    customer.says(story)
    assert customer.answers == {"what": story}


def test_several_answers_in_one_message(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    for answer in ("坏了", "跳过", "跳过", "电饭煲", "退款"):
        customer.says(answer)
    customer.says("我叫张三，电话13800138000，型号是X200，订单号 QH20261101")
    wanted = {"name": "张三", "phone": "13800138000", "model": "X200", "order": "QH20261101"}
    assert wanted.items() <= customer.answers.items()
    assert customer.draft.asked == "photos"


def test_a_name_and_a_number_in_one_clause(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    for answer in ("坏了", "跳过", "跳过", "电饭煲", "退款"):
        customer.says(answer)
    customer.says("王先生 13900001111")
    assert {"name": "王先生", "phone": "13900001111"}.items() <= customer.answers.items()


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("那就退款吧", "refund"),
        ("I want my money back please", "refund"),
        ("不要退款", "不要退款"),
        ("退款并道歉", "退款并道歉"),
        ("请老板亲自打电话来", "请老板亲自打电话来"),
        ("2", "replacement"),
    ],
)
def test_a_wish_is_one_of_the_choices_or_his_own_words(knowledge: Knowledge, text: str, wish: str) -> None:
    customer = begun(knowledge)
    for answer in ("坏了", "跳过", "跳过", "跳过"):
        customer.says(answer)
    customer.says(text)
    assert customer.answers.get("wish", customer.answers.get("note")) == wish


@pytest.mark.parametrize("text", ["不知道订单号", "订单号找不到了", "I don't have it with me"])
def test_who_says_that_he_has_none_skips_it(knowledge: Knowledge, text: str) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    customer.says("跳过")
    customer.says(text)
    assert customer.draft.asked == "product"
    assert "order" in customer.draft.skipped


def test_nobody_is_asked_a_third_time_and_what_he_said_is_kept(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    customer.says("跳过")
    customer.says("就是那一单")
    assert customer.draft.asked == "order"
    customer.says("上次买的那一单")
    assert customer.draft.asked == "product"
    assert customer.answers["note"] == "上次买的那一单"


def test_a_correction_is_kept_in_the_script_it_was_written_in(knowledge: Knowledge) -> None:
    customer = Customer(knowledge, "zh-Hant")
    for answer in ("登記客訴", "壞了", "略過", "略過", "電鍋", "退款", "陳"):
        customer.says(answer)
    assert "陳大文" in customer.says("姓名改成陳大文")
    assert customer.answers["name"] == "陳大文"


def test_a_detail_is_taken_before_it_is_asked(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    for answer in ("坏了", "跳过", "跳过"):
        customer.says(answer)
    customer.says("地址是杭州市滨江区江南大道1号")
    assert customer.answers["address"] == "杭州市滨江区江南大道1号"
    customer.says("不对，地址应该是杭州市西湖区文三路1号")
    assert customer.answers["address"] == "杭州市西湖区文三路1号"


def test_back_asks_once_more_and_keeps_the_old_answer_until_there_is_a_new_one(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    customer.says("上周三")
    customer.says("上一步")
    assert customer.draft.asked == "when"
    assert customer.answers["when"] == "2026-11-18"
    customer.says("上一步")
    assert customer.draft.asked == "what"
    customer.says("屏幕不亮")
    assert customer.answers == {"what": "屏幕不亮", "when": "2026-11-18"}
    assert customer.draft.asked == "order"


def test_skipping_what_was_answered_keeps_the_answer(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    customer.says("上周三")
    customer.says("上一步")
    customer.says("跳过")
    assert customer.answers["when"] == "2026-11-18"
    assert customer.draft.asked == "order"


def test_nothing_is_registered_while_something_required_is_missing(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.form = {"answers": {"wish": "refund"}, "phase": "confirming"}
    customer.says("对")
    assert customer.handed == []
    assert customer.draft.asked == "what"


def test_a_date_to_come_or_with_two_readings_is_asked_again(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    assert "2026年11月26日" in customer.says("明天")
    assert "when" not in customer.answers
    customer.says("03/05/2026")
    assert customer.buttons == ["2026年3月5日", "2026年5月3日"]
    customer.says("2")
    assert customer.answers["when"] == "2026-05-03"


def test_a_date_nobody_can_read_is_kept_in_his_words_in_the_end(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    customer.says("有一阵子了")
    assert "when" not in customer.answers
    customer.says("装修完那会儿")
    assert customer.answers["when"] == "装修完那会儿"


def test_a_secret_is_not_kept_and_he_is_told(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    said = customer.says("卡被扣了两次，卡号4111 1111 1111 1111，密码是abc123")
    assert "永远不需要" in said
    assert customer.answers["what"] == "卡被扣了两次，卡号****，密码是****"
    customer.says("跳过")
    customer.says("跳过")
    customer.says("我的密码是abc123")
    assert "product" not in customer.answers
    assert "abc123" not in str(customer.form) + str(customer.state)


def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    said = customer.says("退款多久到账？")
    assert "工作日" in said
    assert said.endswith("这件事是什么时候发生的？")
    said = customer.says("你们老板的星座是什么呀？")
    assert said.endswith("这件事是什么时候发生的？")
    assert "星座" in customer.answers["note"], "what nobody can answer goes to the colleague"


def test_what_is_required_is_not_skipped(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    assert "跳过" not in customer.buttons
    customer.says("跳过")
    assert customer.last.rule == "form.required"
    customer.says("提交")
    assert customer.last.rule == "form.submit"
    assert customer.draft.asked == "what"
    customer.says("坏了")
    assert customer.draft.asked == "wish", "submitted early, only the required ones are asked"
    customer.says("道歉")
    assert customer.draft.phase == "confirming"


def test_pictures_are_counted_whenever_they_come(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.shows()
    customer.says("坏了")
    customer.shows("发票在这里")
    assert customer.answers == {"photos": "2", "what": "坏了", "note": "发票在这里"}


def test_he_is_reminded_once_and_politely(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    assert customer.timers[REMINDER] == timedelta(minutes=10)
    assert "继续" in customer.waits()
    assert REMINDER not in customer.timers
    assert customer.says("", timer=REMINDER) == ""
    customer.says("上周三")
    assert customer.answers["when"] == "2026-11-18"


def test_where_the_network_lets_us_only_answer_nobody_is_reminded(knowledge: Knowledge) -> None:
    customer = Customer(knowledge)
    customer.says("登记投诉", pushes=False)
    assert customer.timers == {}


def test_no_at_the_end_asks_what_to_change(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    for answer in ("坏了", "提交", "退款"):
        customer.says(answer)
    assert customer.draft.phase == "confirming"
    customer.says("不对")
    assert customer.last.rule == "form.change"
    customer.says("产品是电饭煲")
    assert customer.answers["product"] == "电饭煲"
    assert "对，提交" in customer.buttons
    customer.says("另外盒子也是破的")
    assert customer.answers["note"] == "另外盒子也是破的"
    customer.says("没错")
    assert customer.handed[-1]["补充"] == "另外盒子也是破的"


def test_the_language_of_the_form_is_not_changed_by_a_name(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    for answer in ("坏了", "跳过", "跳过", "电饭煲", "退款"):
        customer.says(answer)
    assert "电话" in customer.says("Li Wei")
    assert customer.answers["name"] == "Li Wei"


def test_who_changes_his_language_goes_on_in_it(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    said = customer.says("Sorry, could we please do this in English?")
    assert "When did this happen?" in said


def test_go_on_means_nothing_where_there_is_no_form(knowledge: Knowledge) -> None:
    customer = Customer(knowledge)
    customer.says("继续")
    assert not customer.last.rule.startswith("form.")


def test_a_form_of_another_conversation_does_not_take_this_one_over(knowledge: Knowledge) -> None:
    customer = begun(knowledge)
    customer.says("坏了")
    customer.returns(timedelta(hours=1))
    customer.says("你们几点上班")
    assert customer.last.rule == "faq.answer"
    assert Draft.read(customer.form) is not None
