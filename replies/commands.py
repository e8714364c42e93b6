"""“转人工”: whole requests for a person, in the three languages.

A request is a clause that consists of such words and nothing else: "我要人工" is one, "人工智能是什么" and
"人工客服几点上班" are questions, "不用转人工" is the opposite. The text is folded first, so Traditional is Simplified.
"""

from __future__ import annotations

import re
from typing import Final

from replies.text import bare, clip, fold

_LEAD = (
    "我就是要|我就要|我想要|我要|我想|我需要|我|你们|你|您|请问|请|麻烦|烦请|拜托|求|帮忙|帮我|给我|替我|为我|帮|"
    "能不能|可不可以|能否|可否|可以|是否|能|快点|快|赶紧|赶快|直接|立刻|立即|马上|现在|还是|那就|那|就|算了|不行|先|再|"
    "把我|将我|让我|跟|和|同|与|唔该|想|要|需要|有没有|有|怎么|如何"
)
_VERB = (
    "转接到|转接给|转接|转到|转给|转|接通|接入|接|换成|换|找|叫|喊|呼叫|联系|联络|切换到|切换|"
    "进入|来|安排|用|使用|呼唤|搵|见"
)
_AMOUNT = "你们的|你们|一位|一个|一下|位|个|到|给|成"
_PERSON = (
    "人工客服人员|人工客服|人工服务|人工坐席|人工座席|人工台|人工|真人客服|真人服务|真人|活人|客服人员|客服专员|在线客服|"
    "专属客服|客服小姐|客服|专员|专人|坐席|座席|工作人员|服务人员|值班经理|经理|主管|负责人|店长|老板"
)
_TAIL = (
    "跟我|和我|与我|服务|来处理|处理|来解决|解决|来回答|回答|回复|来|帮我|帮忙|说话|说一下|说|讲话|讲|聊聊|聊天|聊一下|聊|"
    "沟通|对话|通话|谈谈|谈|接听|快点|谢谢|多谢|可以吗|行吗|好吗|行不行|好不好|在吗|在不在|有吗|"
    "吗|嘛|么|吧|啊|呀|呢|啦|喔|哦|了|一下|咨询"
)
# Bounded repetition: the alternatives overlap, and an unbounded one could be made to backtrack for ever.
_CHINESE: Final = re.compile(
    rf"(?:{_LEAD}){{0,5}}(?:{_VERB}){{0,2}}(?:{_AMOUNT}){{0,2}}(?:{_PERSON})(?:{_TAIL}){{0,4}}"
    rf"|(?:{_LEAD}){{0,4}}(?:转|换|找|叫|喊|来|安排|派|接)(?:{_AMOUNT}){{0,2}}人(?:{_TAIL}){{1,3}}"
    rf"|(?:{_LEAD}){{0,4}}(?:跟|和|同|与)人(?:说话|讲话|聊聊|聊|沟通|对话|谈谈|谈)(?:{_TAIL}){{0,2}}"
)
_REFUSAL: Final = re.compile(
    r"(?:不要|不用|不需要|不必|别|无需|不想|唔使)(?:帮我|给我|再|急着|总是?)?"
    rf"(?:{_VERB})?(?:{_AMOUNT})?(?:{_PERSON})(?:{_TAIL})?"
)
_ENGLISH: Final = re.compile(
    r"(?:(?:ok|okay|no|yes|hi|hello|please|pls|just|now|well|sorry|but) )*"
    r"(?:(?:can|could|may|would) (?:you|i|we) )?(?:(?:please|just|kindly) )*"
    r"(?:(?:i|we) (?:(?:would|really|just|still|also) )*(?:want|need|like|wish|prefer|demand)(?: to)? |"
    r"id like(?: to)? |let me |is there |how (?:do|can) i |i have to |i must )?(?:(?:please|just|to) )*"
    r"(?:(?:talk|speak|chat|connect|transfer|switch|put|get|give|find|reach|have|hand|forward|escalate|call|send)"
    r"(?: me)?(?: (?:over|through))?(?: (?:to|with|for))? )?"
    r"(?:(?:a|an|the|your|some|any|one|this) )?"
    r"(?:(?:real|live|actual|human|customer|support|service|care|sales|chat|proper) )*"
    r"(?:human(?: being)?|person|people|agent|representative|rep|operator|someone|somebody|manager|supervisor|advisor|"
    r"staff(?: member)?|customer (?:service|support|care)|support team|live chat|assistant manager)"
    r"(?: (?:please|pls|now|instead|right now|asap|here|thanks|thank you|agent|rep|representative|person|team|"
    r"to talk to|i can talk to|from your team|immediately|today))*"
)
# Alone these are as often something else; they ask for a person only in a longer request.
_TOO_LITTLE: Final = frozenset(
    ("person", "people", "someone", "somebody", "manager", "supervisor", "staff", "老板", "经理", "主管", "店长")
)
# No request is without one of these, and most messages are.
_ANYBODY: Final = re.compile(
    rf"人|{_PERSON}|human|person|people|agent|rep|operator|someone|somebody|manager|supervisor|advisor|staff|customer|"
    "support|chat"
)
_CLAUSES: Final = re.compile(r"[^\w\s'’\-]+|\n+")
_LONGEST: Final = 60


def wants_person(text: str) -> bool:
    """Whether the customer asks for a person, as a request of its own or a clause of its own."""
    folded = fold(clip(text, 600)).replace("'", "")
    if not _ANYBODY.search(folded):
        return False
    for clause in _CLAUSES.split(folded):
        plain = bare(clause)
        if plain and len(plain) <= _LONGEST and _requests(plain):
            return True
    return False


def _requests(plain: str) -> bool:
    if plain in _TOO_LITTLE:
        return False
    if plain.isascii():
        return _ENGLISH.fullmatch(plain) is not None
    wish = _REFUSAL.sub(" ", plain)
    return any(part not in _TOO_LITTLE and _CHINESE.fullmatch(part) is not None for part in wish.split())
