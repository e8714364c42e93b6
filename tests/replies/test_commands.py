from __future__ import annotations

import pytest

from replies.commands import wants_person

REQUESTS = """
转人工|人工|客服|真人|人工客服|我要人工|找客服|我要找客服|请帮我转接人工服务谢谢|不要机器人，我要人工|能不能跟真人说话
可以转人工吗|有人工吗|有没有人工客服|怎么转人工|转接人工客服|你好，转人工|叫你们经理来|我要见老板|找个人来跟我说|换个人来处理
我要跟人说话|不要再自动回复了 我要人工|人工！！！|专员|转 人工|在吗 转人工|我想要人工客服|人工服务|活人
轉人工|轉接真人客服|給我找真人|請轉專人|聯絡客服|唔該轉人工|我要真人客服|可以請真人回覆嗎
human|agent|representative|talk to a person|Talk to a person|I want to speak to a human|let me talk to an agent
can I speak with someone please|customer service|real person please|operator|connect me to a live agent
get me a human now|I need to talk to a real person|live agent|human please|speak to a manager|no, talk to a person
"""
OTHERS = """
人工智能是什么|人工费多少|我想要人工智能音箱|人工客服几点上班|不用转人工|不要人工|别转人工|我不要转人工客服|客服电话是多少
客服态度很好|昨天客服说今天退款|我找客服问过了|联系客服没人理|有人吗|在吗|人工湖在哪|这是人工做的吗|手工还是人工|老板好|经理
客服几点上班|人|找人|帮我找一下我的订单|用人工皮做的吗|客户服务条款|真人照片有吗|一个人|不用轉人工|真人客服的服務時間
travel agent|human hair wig|are you human|are you a human|human resources|cleaning agent|what is an agent fee|person
I don't want to talk to a human|no need to talk to an agent|real estate agent near me|people
is this person right|how many people fit|what's the operator manual|customer service hours
"""


def phrases(text: str) -> list[str]:
    return [phrase for line in text.strip().splitlines() for phrase in line.split("|")]


@pytest.mark.parametrize("text", phrases(REQUESTS))
def test_a_request_for_a_person_is_understood(text: str) -> None:
    assert wants_person(text)


@pytest.mark.parametrize("text", phrases(OTHERS))
def test_words_that_only_look_like_one_are_not(text: str) -> None:
    assert not wants_person(text)
