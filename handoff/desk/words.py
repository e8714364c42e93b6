"""The desk's words in three languages: one catalogue each, read by the server's pages and by the browser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson
from starlette.requests import HTTPConnection

from handoff.desk.assets import STATIC

LANGUAGES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
SOURCE = "zh-Hans"
COOKIE = "kefu-lang"

CATALOGUES: Mapping[str, Mapping[str, str]] = {
    language: orjson.loads((STATIC / "words" / f"{language}.json").read_bytes()) for language in LANGUAGES
}
RULES: Mapping[str, Mapping[str, str]] = {
    language: orjson.loads((Path(__file__).parent / "rules" / f"{language}.json").read_bytes())
    for language in LANGUAGES
}
"""What explains the bot (`handoff.why`): its rules by name, and the words around them."""


def explaining(language: str) -> Mapping[str, str]:
    """All phrases an explanation of the bot is made of."""
    return {**CATALOGUES[language], **RULES[language]}


def say(language: str, key: str, **values: object) -> str:
    """The phrase in this language, {name}s filled in."""
    text = CATALOGUES[language][key]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def written(tag: str) -> str | None:
    """The language of ours for a BCP 47 tag: zh-TW, zh-HK and zh-MO read Traditional."""
    parts = tag.strip().lower().replace("_", "-").split("-")
    if parts[0] == "zh":
        return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh-Hans"
    return "en" if parts[0] == "en" else None


def wanted(connection: HTTPConnection) -> str:
    """The language to answer in: ?lang=, then what was chosen before, then what the browser prefers."""
    chosen = connection.query_params.get("lang") or connection.cookies.get(COOKIE) or ""
    if chosen in LANGUAGES:
        return chosen
    for part in connection.headers.get("accept-language", "").split(","):
        language = written(part.partition(";")[0])
        if language is not None:
            return language
    return SOURCE
