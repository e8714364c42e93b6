"""Official Account error codes and how WeChat words them."""

from __future__ import annotations

import secrets

WORDS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40037: "invalid template_id",
    40066: "invalid url",
    40125: "invalid appsecret",
    40164: "invalid ip {hint} ipv6 ::ffff:{hint}, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "command should be Typing or CancelTyping",
    45080: "no user interaction in the last 30 seconds",
    45081: "the typing state is on already",
    47001: "data format error",
    48001: "api unauthorized",
    48002: "user block receive message",
    48004: "api forbidden for irregularities",
    50002: "user limited",
    50005: "user is unsubscribed",
}
"""Not in our notes on WeChat, but of its general list: 40002, 40008, 40037, 40066, 41002, 41004, 41005, 43001, 43002,
45008. They answer mistakes that a right client never makes."""


def explain(code: int, hint: str) -> str:
    words = WORDS.get(code, "error")
    told = words.format(hint=hint) if "{hint}" in words else f"{words} hint: [{hint}]" if hint else words
    return f"{told} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
