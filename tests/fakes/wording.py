"""How WeChat writes its pushes: the same fields as XML with CDATA, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

Fields = dict[str, Any]
"""A message as nested names and values; strings become CDATA, numbers stay bare, a list repeats its element."""


class Wording(StrEnum):
    """数据格式 in WeChat's console."""

    XML = "xml"
    JSON = "json"


TYPES = {Wording.XML: "text/xml", Wording.JSON: "application/json"}


def write(fields: Mapping[str, Any], wording: Wording) -> bytes:
    if wording is Wording.JSON:
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return f"<xml>{_elements(fields)}</xml>".encode()


def cdata(text: str) -> str:
    """A CDATA section that holds just this text, even one with `]]>` in it."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    return f"<{name}>{_inside(value)}</{name}>"


def _inside(value: Any) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    return cdata(value) if isinstance(value, str) else str(value)
