"""What the desk says in the group, in the agents' language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    known = language if language in LANGUAGES else LANGUAGES[0]
    found: dict[str, str] = json.loads((FOLDER / f"{known}.json").read_text("utf-8"))
    return found


class Words:
    """`words("refused.taken", name=…)`; a name that a catalogue lacks is a mistake, `known` asks first."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._found = catalogue(self.language)

    def __call__(self, name: str, /, **values: object) -> str:
        return self._found[name].format(**values)

    def known(self, name: str, default: str) -> str:
        """The words for a name of the program's, or the name itself."""
        return self._found.get(name, default)
