"""Weibo's error codes and how it words them."""

from __future__ import annotations

WORDS = {
    10001: "System error",
    10004: "IP limit",
    10005: "Permission denied, need a high level appkey",
    10006: "Source paramter (appkey) is missing",
    10008: "Param error, see doc for more info",
    10009: "Too many pending tasks, system is busy",
    10012: "Illegal request",
    10014: "Insufficient app permissions",
    10016: "Miss required parameter ({hint}), see doc for more info",
    10017: "Parameter ({hint})'s value invalid, see doc for more info",
    10018: "Request body length over limit",
    10020: "Request api not found",
    10021: "HTTP method is not suported for this request",
    10022: "IP requests out of rate limit",
    10023: "User requests out of rate limit",
    10024: "User requests for ({hint}) out of rate limit",
    20003: "User does not exists",
    20008: "Content is null",
    20012: "Text too long, please input text less than 140 characters",
    20013: "Text too long, please input text less than 300 characters",
    20016: "out of limit",
    20019: "repeat content",
    20111: "don't post the same content repeatedly",
    20021: "contain illegal content",
    20032: "Update success, while server slow now, please wait 1-2 minutes",
    20101: "target weibo does not exist",
    20201: "target weibo comment does not exist",
    20206: "author only allows some people to comment",
    21301: "auth faild",
    21316: "access_token revoked",
    21321: "applications over the unaudited use restrictions!",
    21327: "expired_token",
    21332: "invalid_access_token",
    21335: "request uid's value must be the current user",
    26403: "already replied or expired",
}
FORBIDDEN = frozenset({10004, 10005, 10014, 10022, 10023, 10024, 21301, 21316, 21321, 21327, 21332, 26403})
"""Answered with HTTP 403; the others with 400."""


def explain(code: int, hint: str) -> str:
    return WORDS.get(code, "error").format(hint=hint)
