"""The gist of a letter: what it says between salutation and signature, and what of it the FAQ is asked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from replies.text import HAN, clean

LONGEST: Final = 20_000
"""Characters of a letter that are looked at."""
_MOST_LINES: Final = 400
_SUBJECT: Final = 200
_ASKED: Final = 300
_SIGNATURE: Final = 12
"""Lines after the closing words; more than that is no signature, and the letter goes on."""

_PREFIX: Final = re.compile(
    r"\s{0,9}(?:re|aw|sv|antw|fwd?|wg|tr|回复|回覆|答复|答覆|转发|轉寄|轉發)\s{0,3}(?:[\[(（]\d{1,3}[\])）])?\s{0,3}[:：]|"
    r"\s{0,9}\[(?:spam|external|ext|外部|外部邮件|KF-\d{1,12})\]",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\[KF-\d{1,12}\]")
_SAYS_NOTHING: Final = re.compile(
    r"\W{0,9}(?:(?:no|without) subject|无主题|無主題|無主旨|无标题|hello|hi|hey|help|question|request|urgent|important|"
    r"(?:a )?(?:quick )?question|inquiry|enquiry|support|contact|e-?mail|message|feedback|you|me|please help|"
    r"您好|你好|咨询|諮詢|请问|請問|问题|問題|请教|請教|求助|急|紧急|緊急|邮件|来信|來信|询问|詢問|反馈|反映|投诉|客訴|建议)?\W{0,9}",
    re.IGNORECASE,
)
_SALUTATION: Final = re.compile(
    r"\W{0,5}(?:尊敬的|亲爱的|親愛的|敬爱的|致)?[^。！？!?\n]{0,20}?"
    r"(?:您好|你好|大家好|早上好|下午好|晚上好|早安|午安|敬启者|敬啟者|台鉴|台鑒|钧鉴|鈞鑒)"
    r"(?:[呀啊哦~～])?\s{0,3}(?=[,，:：。!！~～\s]|$)[,，:：。!！~～\s]{0,5}"
    r"|\W{0,5}(?:尊敬的|亲爱的|親愛的|致)[^。！？!?，,\n]{1,24}[:：,，]?\s{0,3}$"
    r"|\W{0,5}(?:dear|hi|hello|hey|greetings|good (?:morning|afternoon|evening|day)|to whom it may concern)\b"
    r"(?: (?:there|all|team|sirs?|madam|or|support|customer|service|care|everyone|sir/madam|mr|mrs|ms|miss))*"
    r"(?:[.,:!;\-\s]{1,5}|$)",
    re.IGNORECASE,
)
_ADDRESSED: Final = re.compile(r"(?:dear|hi|hello|hey)\b[^.?!\n]{0,40}[,:!]?\s{0,3}$", re.IGNORECASE)
_CLOSING: Final = re.compile(
    r"\W{0,5}(?:此致|敬礼|敬禮|顺颂|順頌|顺祝|順祝|敬祝|谨祝|謹祝|祝\s{0,3}(?:您|你|好|商祺|安|工作|生意|一切|顺|順|平安|愉快|生活)|"
    r"敬上|谢谢(?:您|你|了|解答|大家)?|謝謝(?:您|你|了)?|感谢(?:您)?|感謝(?:您)?|多谢|多謝|麻烦(?:您|你)?了|麻煩(?:您|你)?了|"
    r"期待[您你]?的?(?:回复|回覆|答复|回信)|盼复|盼覆|--|—|发自我的|從我的|"
    r"(?:(?:with )?(?:best|kind|warm|many)?\s?(?:regards|wishes|thanks)|best|cheers|sincerely|yours (?:sincerely|"
    r"faithfully|truly)|thank you(?: (?:very|so) much)?|thanks(?: (?:in advance|a lot))?|sent from my|"
    r"looking forward)\b)",
    re.IGNORECASE,
)
_SHORT_LINE: Final = 40
_SENTENCE: Final = re.compile(r"[^。！？!?；\n]{1,400}?(?:[。！？!?；]|(?<=[a-z)])\.(?=\s|$)|\n|$)")
_ASKS: Final = re.compile(
    r"[?？吗嗎呢]|请问|請問|怎么|怎麼|怎样|怎樣|如何|多久|多少|多长|多長|哪里|哪裡|哪些|能否|可否|是否|能不能|可不可以|"
    r"有没有|有沒有|什么时候|什麼時候|想(?:了解|问|問|知道|咨询|諮詢)|"
    r"\b(?:how (?:do|can|long|much|many|to)|what (?:is|are|do|should)|where (?:can|do|is)|when (?:will|do|is)|"
    r"(?:could|can|would) (?:you|i)|do you|is it possible|i would like to know|tell me|let me know)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Gist:
    """`subject`: its words, without prefixes; "" where it says nothing. `body`: without salutation and signature.
    `questions`: the sentences that ask. `opening`: the first sentences."""

    subject: str
    body: str
    questions: tuple[str, ...]
    opening: str

    @property
    def judged(self) -> str:
        """What is judged: all of it."""
        return f"{self.subject}\n{self.body}" if self.subject else self.body


NOTHING: Final = Gist("", "", (), "")


def subject_of(subject: str) -> str:
    """Its words in one line, without Re:, labels and our number."""
    rest = _NUMBER.sub(" ", clean(subject)[:1000])
    while match := _PREFIX.match(rest):
        rest = rest[match.end() :]
    return " ".join(rest.split())[:_SUBJECT]


def gist(text: str, subject: str = "") -> Gist:
    """Never raises; takes no longer for a book than for a long letter."""
    words = subject_of(subject)
    lines = [line.strip() for line in clean(text)[:LONGEST].split("\n")]
    body = "\n".join(_signed(_saluted([line for line in lines if line][:_MOST_LINES])))
    sentences = [found for match in _SENTENCE.finditer(body) if (found := match[0].strip())]
    said = _SAYS_NOTHING.fullmatch(words) is None
    return Gist(
        subject=words if said else "",
        body=body,
        questions=tuple([sentence for sentence in sentences if _ASKS.search(sentence)][:5]),
        opening=" ".join(sentences[:2])[:_ASKED],
    )


def _saluted(lines: list[str]) -> list[str]:
    """Without the salutation, which may be two lines and may run into the first sentence."""
    for _ in range(3):
        if not lines:
            return lines
        if _ADDRESSED.fullmatch(lines[0]):
            lines = lines[1:]
        elif (match := _SALUTATION.match(lines[0])) and match.end():
            rest = lines[0][match.end() :]
            lines = [rest, *lines[1:]] if rest else lines[1:]
        else:
            return lines
    return lines


def _signed(lines: list[str]) -> list[str]:
    """Without the closing words and what stands below them; of a letter that is nothing else, all of it."""
    for at in range(max(1, len(lines) - _SIGNATURE), len(lines)):
        if _closes(lines[at]) and not any(_ASKS.search(line) for line in lines[at + 1 :]):
            return lines[:at]
    return lines


def _closes(line: str) -> bool:
    most = _SHORT_LINE if not HAN.search(line) else _SHORT_LINE // 2
    return len(line) <= most and _CLOSING.match(line) is not None and not _ASKS.search(line)
