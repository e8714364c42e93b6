"""WeCom error codes and how it words them."""

from __future__ import annotations

REPEATED_MSGID = 95900
"""A msgid that the account has used already. That it is refused is documented, the number is not: this one is made up,
so that nobody depends on it."""
BAD_CODE = 95901
"""A code of send_msg_on_event that was used, is too old or was never given; made up as well."""
COUNT_LIMIT, TIME_LIMIT = 95001, 95002
"""More than five, later than 48 hours; the numbers are from hearsay."""
BAD_CURSOR = BAD_PARAMETER = 40058
UNKNOWN_CUSTOMER = 40096
NOT_ALLOWED = 95016

WORDS = {
    -1: "system busy",
    40001: "invalid credential",
    40004: "invalid media file type",
    40005: "invalid type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40058: "invalid Request Parameter",
    40066: "invalid url",
    40096: "invalid external userid",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41005: "media data missing",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    44004: "text content is empty",
    45002: "content size out of limit",
    45009: "api freq out of limit",
    60020: "not allow to access from your ip",
    95000: "invalid open_kfid",
    95001: "send msg count limit",
    95002: "send msg time limit",
    95007: "invalid msg token",
    95013: "conversation end",
    95014: "servicer is not active",
    95016: "not allow to change state",
    95018: "send msg session status invalid",
    REPEATED_MSGID: "msgid is not unique",
    BAD_CODE: "invalid code",
}
"""Not in our notes on WeCom, but of its general list: 40001, 40004 … 40008, 40013, 40058, 40066, 40096, 41002, 41004,
41005, 43001, 43002, 44004, 45002."""


def explain(code: int, hint: str) -> str:
    told = WORDS.get(code, "error")
    ip = hint if code == 60020 else "203.0.113.9"
    more = f", hint: [{hint}]" if hint and code != 60020 else ""
    return f"{told}{more}, from ip: {ip}, more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
