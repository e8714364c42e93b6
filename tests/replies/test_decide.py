from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.dialogue import Question
from bot.messages import Kind, Status
from replies.decide import decide, greeting
from replies.faq.fused import make_matcher
from replies.faq.table import Entry, Faq
from replies.knowledge import Knowledge, load_knowledge
from replies.text import LANGUAGES, Language, detect
from tests.replies.conversation import NOON, Conversation

THREE = ("language", "hello", "question", "person", "label")
SPOKEN: list[tuple[Language, str, str, str, str]] = [
    ("zh-Hans", "你好", "运费怎么算", "请帮我转人工", "转人工"),
    ("zh-Hant", "哈囉", "運費怎麼算？", "麻煩幫我轉真人客服", "轉人工"),
    ("en", "Hello there", "How much is shipping?", "I want to talk to a human", "Talk to a person"),
]


@pytest.fixture
def talk(knowledge: Knowledge) -> Conversation:
    return Conversation(knowledge)


@pytest.mark.parametrize(THREE, SPOKEN)
def test_a_first_hello_is_greeted_with_the_companys_name_and_topics(
    talk: Conversation, language: Language, hello: str, question: str, person: str, label: str
) -> None:
    decision = talk.says(hello)
    assert decision.rule == "greeting"
    assert decision.language == language
    assert talk.knowledge.brand[language].company in talk.heard
    assert 2 <= len(talk.buttons) <= 6
    assert talk.buttons[-1] == label
    again = talk.says(hello)
    assert again.replies[0].script.startswith("greeting_again/")


@pytest.mark.parametrize(THREE, SPOKEN)
def test_a_first_message_that_is_a_question_is_greeted_and_answered_in_one(
    talk: Conversation, language: Language, hello: str, question: str, person: str, label: str
) -> None:
    decision = talk.says(question)
    assert decision.rule == "faq.answer"
    (reply,) = decision.replies
    assert reply.source == "ship_fee"
    assert "399" in reply.text
    assert talk.knowledge.brand[language].company in reply.text.splitlines()[0]
    talk.says(question)
    assert talk.knowledge.brand[language].company not in talk.heard


@pytest.mark.parametrize(THREE, SPOKEN)
def test_whoever_asks_for_a_person_gets_one(
    talk: Conversation, language: Language, hello: str, question: str, person: str, label: str
) -> None:
    talk.says(question)
    decision = talk.says(person)
    assert decision.rule == "person.asked"
    assert decision.handoff is not None
    assert (decision.handoff.trigger, decision.handoff.tried) == ("asked", ("ship_fee",))
    assert decision.handoff.reason
    assert talk.knowledge.brand[language].hours in talk.heard
    again = talk.says(person)
    assert again.handoff is not None
    assert again.replies[0].script.startswith("handoff_again/")


@pytest.mark.parametrize(THREE, SPOKEN)
def test_an_answer_that_did_not_help_brings_a_person_who_knows_what_was_tried(
    talk: Conversation, language: Language, hello: str, question: str, person: str, label: str
) -> None:
    talk.says(question)
    decision = talk.taps(talk.buttons[1])
    assert decision.rule == "choice.unsolved"
    assert decision.handoff is not None
    assert decision.handoff.trigger == "asked"
    assert decision.handoff.tried == ("ship_fee",)
    entry = talk.knowledge.faq.get("ship_fee")
    assert entry is not None
    assert entry.title(language) in decision.handoff.reason


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("解决了", "choice.solved"),
        ("yes", "choice.solved"),
        ("1", "choice.solved"),
        ("没解决", "choice.unsolved"),
        ("2", "choice.unsolved"),
    ],
)
def test_whether_it_helped_can_be_typed(talk: Conversation, text: str, rule: str) -> None:
    talk.says("运费怎么算")
    assert talk.says(text).rule == rule


def test_solved_and_nothing_else_is_goodbye(talk: Conversation) -> None:
    talk.says("运费怎么算")
    talk.taps("解决了")
    assert talk.says("没有了").rule == "small_talk.goodbye"
    talk.says("运费怎么算")
    talk.taps("解决了")
    assert talk.says("没有").rule == "small_talk.goodbye"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("你好吗", "how_are_you"),
        ("谢谢", "thanks"),
        ("你是机器人吗", "who_are_you"),
        ("再见", "goodbye"),
        ("服务真好", "praise"),
        ("哈哈哈哈", "light"),
        ("👍", "light"),
        ("在吗", "here"),
        ("感恩", "thanks"),
        ("掰掰", "goodbye"),
        ("thank you so much!", "thanks"),
        ("are you human?", "who_are_you"),
        ("bye", "goodbye"),
        ("lol", "light"),
    ],
)
def test_small_talk_is_answered_as_such(talk: Conversation, text: str, script: str) -> None:
    talk.says("你好")
    decision = talk.says(text)
    assert decision.replies[0].script.startswith(f"{script}/")
    assert decision.handoff is None


class TestClarify:
    """ "退货的钱多久" is close to several entries."""

    @pytest.fixture
    def asked(self, talk: Conversation) -> Conversation:
        talk.says("你好")
        assert talk.says("退货的钱多久").rule == "faq.clarify"
        assert 3 <= len(talk.buttons) <= 5
        assert talk.buttons[-2:] == ["都不是", "转人工"]
        return talk

    @pytest.mark.parametrize("choice", ["1", "第一个", "选1", "①", "一"])
    def test_a_number_chooses(self, asked: Conversation, choice: str) -> None:
        chosen = asked.last.replies[0].quick_replies[0].value.removeprefix("faq:")
        decision = asked.says(choice)
        assert (decision.rule, decision.replies[0].source) == ("choice.answer", chosen)

    def test_a_button_and_its_label_choose(self, asked: Conversation) -> None:
        label = asked.buttons[1]
        tapped = asked.taps(label)
        asked.says("退货的钱多久")
        typed = asked.says(label)
        assert tapped.replies[0].source == typed.replies[0].source

    def test_the_way_to_a_person_is_one_of_the_numbers(self, asked: Conversation) -> None:
        assert asked.says(str(len(asked.buttons))).rule == "person.asked"

    def test_none_of_these_is_a_miss_and_says_so(self, asked: Conversation) -> None:
        assert asked.taps("都不是").rule == "miss"
        assert asked.says("都不是这些啦我随便说的话").handoff is not None

    def test_asking_back_twice_does_not_go_on_for_ever(self, asked: Conversation) -> None:
        rules = [asked.says(text).rule for text in ("退货的钱多久", "退货的钱多久", "退货的钱多久")]
        assert "miss.person" in rules[:2]

    def test_a_number_means_nothing_once_the_choice_is_past(self, asked: Conversation) -> None:
        asked.says("谢谢")
        assert asked.says("1").rule != "choice.answer"

    def test_an_entry_taken_out_of_the_faq_meanwhile_is_not_answered(self, asked: Conversation) -> None:
        asked.knowledge = replace(asked.knowledge, faq=Faq({}), matcher=make_matcher([]))
        assert asked.says("1").rule == "miss"


def test_an_honest_miss_offers_a_person_and_the_second_brings_one(talk: Conversation) -> None:
    talk.says("你好")
    first = talk.says("量子力学的基本假设")
    assert (first.rule, first.handoff, talk.buttons) == ("miss", None, ["转人工"])
    second = talk.says("请背诵出师表全文")
    assert second.rule == "miss.person"
    assert second.handoff is not None
    assert second.handoff.trigger == "misses"
    assert "请背诵出师表全文" in second.handoff.reason


def test_an_answer_between_two_misses_forgives_the_first(talk: Conversation) -> None:
    talk.says("量子力学的基本假设")
    talk.says("运费怎么算")
    assert talk.says("请背诵出师表全文").rule == "miss"


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("充电器冒烟了", "critical"),
        ("我要起诉你们", "serious"),
        ("我要投诉，你们太过分了", "moderate"),
        ("電熱毯漏電", "critical"),
        ("我要客訴", "moderate"),
        ("your kettle caught fire", "critical"),
        ("I will call my lawyer", "serious"),
        ("着火了！转人工", "critical"),
    ],
)
def test_danger_and_complaint_bring_a_person_with_the_words_that_decided(
    talk: Conversation, text: str, tier: str
) -> None:
    decision = talk.says(text)
    assert decision.rule == f"tier.{tier}"
    assert decision.handoff is not None
    assert (decision.handoff.trigger, decision.handoff.tier) == ("tier", tier)
    ((start, end, evidence, of), *_) = decision.facts["evidence"]
    assert text[start:end] == evidence
    assert of.startswith(f"tier.{tier}.")
    assert (decision.category, decision.tier) == ("complaint", tier)
    assert evidence in decision.handoff.reason
    assert detect(decision.replies[0].text) == detect(text)


@pytest.mark.parametrize("status", [Status.OPEN, Status.SNOOZED])
@pytest.mark.parametrize("text", ["你好", "转人工", "着火了", "", "运费怎么算"])
def test_while_a_person_has_it_the_bot_is_silent(knowledge: Knowledge, status: Status, text: str) -> None:
    state = {"misses": 1, "theirs": [1]}
    decision = decide(Question(text, NOON, status=status, state=state, language="zh-Hant"), knowledge)
    assert (decision.rule, decision.replies, decision.handoff) == ("silent.person", (), None)
    assert decision.state == state
    assert decision.language == "zh-Hant"


@pytest.mark.parametrize("status", [Status.PENDING, Status.RESOLVED])
def test_otherwise_the_bot_answers(knowledge: Knowledge, status: Status) -> None:
    assert decide(Question("你好", NOON, status=status), knowledge).replies


def test_a_timer_it_does_not_know_is_let_pass(knowledge: Knowledge) -> None:
    decision = decide(Question("", NOON, timer="sla.first", state={"misses": 1}), knowledge)
    assert (decision.rule, decision.replies, decision.state) == ("silent.timer", (), {"misses": 1})


@pytest.mark.parametrize("language", LANGUAGES)
def test_when_a_person_returns_or_settles_it_the_customer_is_told(knowledge: Knowledge, language: Language) -> None:
    talk = Conversation(knowledge, language)
    talk.says("人工" if language != "en" else "human")
    returned = talk.says(timer="returned")
    assert returned.rule == "timer.returned"
    assert detect(talk.heard, language) == language
    assert len(talk.buttons) == 1
    # A new wish for a person is a first one again.
    assert talk.taps(talk.buttons[0]).replies[0].script.startswith("handoff/")
    assert talk.says(timer="resolved", status=Status.RESOLVED).rule == "timer.resolved"
    assert talk.heard


@pytest.mark.parametrize("kind", [Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE, Kind.LOCATION, Kind.LINK, Kind.OTHER])
def test_what_only_a_person_can_judge_goes_to_one(talk: Conversation, kind: Kind) -> None:
    talk.says("你好")
    decision = talk.says("", kind=kind)
    assert decision.rule == "media"
    assert decision.handoff is not None
    assert decision.handoff.trigger == "other"
    assert talk.knowledge.scripts.catalogues["zh-Hans"].kinds[kind] in talk.heard


def test_a_picture_with_a_question_is_answered_and_with_a_riddle_is_shown_to_a_person(talk: Conversation) -> None:
    assert talk.says("运费怎么算", kind=Kind.IMAGE).rule == "faq.answer"
    assert talk.says("量子力学的基本假设", kind=Kind.IMAGE).rule == "media"


def test_a_sticker_is_small_talk(talk: Conversation) -> None:
    assert talk.says("", kind=Kind.STICKER).rule == "small_talk.light"


@pytest.mark.parametrize("text", ["", "   ", "？？？", "\u200b", "..."])
def test_a_message_without_words_is_asked_for_some(talk: Conversation, text: str) -> None:
    assert talk.says(text).rule == "greeting"
    decision = talk.says(text)
    assert decision.rule == "empty"
    assert decision.handoff is None
    assert talk.buttons


def test_a_flood_is_answered_once_and_then_waited_out(talk: Conversation) -> None:
    rules = [talk.says("运费怎么算", wait=timedelta(seconds=1)).rule for _ in range(40)]
    assert set(rules[: talk.knowledge.most_a_minute]) == {"faq.answer"}
    replies = [talk.says("运费怎么算", wait=timedelta(seconds=1)).replies for _ in range(5)]
    assert replies == [()] * 5
    assert rules.count("flood") == 20
    assert talk.says("着火了", wait=timedelta(seconds=1)).handoff is not None
    assert talk.says("转人工", wait=timedelta(seconds=1)).handoff is not None
    assert talk.says("运费怎么算", wait=timedelta(minutes=2)).rule == "faq.answer"


def test_a_flood_is_told_exactly_once(talk: Conversation) -> None:
    told = [talk.says("运费怎么算", wait=timedelta(seconds=1)).replies for _ in range(40)][20:]
    assert [len(replies) for replies in told] == [1] + [0] * 19


def test_a_topic_button_is_answered_without_being_understood(talk: Conversation) -> None:
    talk.says("你好")
    assert talk.taps("查物流").replies[0].source == "order_status"


def test_a_value_that_is_no_button_of_ours_is_read_as_text(talk: Conversation) -> None:
    assert talk.says("运费怎么算", value="faq:no_such_entry").rule == "faq.answer"
    assert talk.says("着火了", value="evil").rule == "tier.critical"


def test_the_customers_name_is_used_when_it_is_one(knowledge: Knowledge) -> None:
    called = Conversation(knowledge).says("你好", contact_name="王女士").replies[0].text
    assert called.startswith("王女士，")
    spam = Conversation(knowledge).says("你好", contact_name="加微信领红包" * 10).replies[0].text
    assert spam.startswith("您好")


def test_the_operators_own_question_goes_before_small_talk(knowledge: Knowledge) -> None:
    own = [Entry("hello", {"zh-Hans": ("你好",)}, {"zh-Hans": "欢迎参加周年庆。"})]
    mine = replace(knowledge, faq=Faq({"hello": own[0]}), matcher=make_matcher(own))
    assert "欢迎参加周年庆。" in decide(Question("你好", NOON), mine).replies[0].text


def test_an_entry_in_one_language_is_answered_in_it_with_the_rest_in_the_customers(knowledge: Knowledge) -> None:
    own = [Entry("hours", {"en": ("when do you open",)}, {"zh-Hans": "每天九点。"})]
    mine = replace(knowledge, faq=Faq({"hours": own[0]}), matcher=make_matcher(own))
    decision = decide(Question("When do you open?", NOON), mine)
    assert "每天九点。" in decision.replies[0].text
    assert [button.label for button in decision.replies[0].quick_replies] == ["Yes, solved", "No, talk to a person"]


@pytest.mark.parametrize("language", [*LANGUAGES, "zh-TW", None, "fr"])
def test_the_first_view_greets_before_anybody_wrote(knowledge: Knowledge, language: str | None) -> None:
    reply = greeting(knowledge, language)
    assert 2 <= len(reply.quick_replies) <= 6
    assert reply.quick_replies[-1].value == "human"
    for button in reply.quick_replies[:-1]:
        decision = decide(Question(button.label, NOON, language=language, value=button.value), knowledge)
        assert decision.replies[0].source == button.value.removeprefix("faq:")


def test_topics_follow_the_operators_faq() -> None:
    ways = {number: ("怎么办" + "理" * number,) for number in range(1, 60)}
    faq = Faq(
        {f"e{number}": Entry(f"e{number}", {"zh-Hans": way}, {"zh-Hans": "好。"}) for number, way in ways.items()}
    )
    reply = greeting(load_knowledge(faq=faq), "zh-Hans")
    assert [button.value for button in reply.quick_replies] == [
        "faq:e1",
        "faq:e2",
        "faq:e3",
        "faq:e4",
        "faq:e5",
        "human",
    ]
    long = Faq({"e50": faq.entries["e50"]})
    label = greeting(load_knowledge(faq=long), "zh-Hans").quick_replies[0].label
    assert len(label) == 40
    assert label.endswith("…")


def test_another_company_is_named_and_does_not_promise_the_samples_hours() -> None:
    knowledge = load_knowledge(company="云上书店")
    assert "云上书店" in greeting(knowledge, "en").text
    handed = decide(Question("human", NOON, language="en"), knowledge).replies[0].text
    assert "They are online" not in handed
    assert "  " not in handed
    open_late = load_knowledge(company="云上书店", hours="10:00–23:00")
    assert "10:00–23:00" in decide(Question("转人工", NOON), open_late).replies[0].text


def test_the_decision_says_why(talk: Conversation) -> None:
    facts = talk.says("寄到乌鲁木齐要多久").facts
    assert facts["language"] == "zh-Hans"
    assert facts["faq"]["action"] == "clarify"
    assert facts["faq"]["scores"][0][0] == "delivery_time"
    assert facts["scripts"] == ["clarify/0", "opening/0"]


def test_a_miss_says_what_its_scores_were_held_against(knowledge: Knowledge) -> None:
    faq = decide(Question("火星上能送货吗", NOON), knowledge).facts["faq"]
    (best, *_), gate = faq["scores"], faq["gate"]
    assert faq["action"] == "miss"
    assert best[1] < gate["clarify"] < gate["answer"] <= 1
