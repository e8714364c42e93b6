"""Where settings come from, value by value: the TOML text with its lines, the environment, secrets kept elsewhere.

What `bot.settings` builds its records from. Mistakes are collected in `Problems`, each with its place and the mend.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import SettingsError

HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", tuple: "a list of texts"}


class Problems:
    """What is wrong so far; one line each."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, place: str, text: str) -> None:
        self._lines.append(f"{place}: {text}")

    def unknown(self, place: str, name: str, known: Iterable[str], *, what: str = "setting") -> None:
        """`name` is not one of `known`: say which one was probably meant."""
        names = list(known)
        near = difflib.get_close_matches(name, names, n=1)
        mend = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(names))}."
        self.add(place, f"{name} is not a {what}. {mend}")

    def stop(self) -> None:
        """Raise SettingsError if anything is wrong."""
        if self._lines:
            raise SettingsError("\n".join(self._lines))


class TomlText:
    """A settings file: its data, and on which line a key stands (tomllib does not tell)."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        try:
            text = path.read_bytes().decode("utf-8-sig")
            self.data = tomllib.loads(text)
        except FileNotFoundError:
            raise SettingsError(f"{path}: no such file. Write it, or start without --config.") from None
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read ({error.strerror}). Check its permissions.") from None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise SettingsError(f"{path}:{line}: not UTF-8. Save the file as UTF-8.") from None
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(_syntax(path, text, str(error))) from None
        self._lines = text.splitlines()

    def place(self, table: str, key: str = "", nth: int = 0) -> str:
        """`kefu.toml:12` for a key of `[table]` (of the nth `[[table]]`), or for the table itself."""
        return f"{self.name}:{self._find(table, key, nth)}"

    def _find(self, table: str, key: str, nth: int) -> int:
        wanted = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]") if key else None
        dotted = re.compile(rf"\s*{re.escape(table)}\s*(\.\s*[\"']?{re.escape(key)}[\"']?\s*[.=]|=)")
        inside, top, seen, start = False, True, -1, 1
        for number, line in enumerate(self._lines, 1):
            if header := HEADER.match(line):
                name = header[2].strip("\"' ")
                seen += header[1] == "[[" and name == table
                top, inside = False, name == table and nth == max(seen, 0)
                if inside and start == 1:
                    start = number
                if (inside and not key) or (name == f"{table}.{key}" and nth == max(seen, 0)):
                    return number
            elif (inside and wanted and wanted.match(line)) or (top and dotted.match(line)):
                return number
        return start


def _syntax(path: Path, text: str, error: str) -> str:
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", error)
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    reason = error[: found.start()] if found else error
    return f"{path}:{line}: not TOML: {reason}. Text stands in quotes, lists in [ ]."


@dataclass(frozen=True, slots=True)
class Value:
    """A raw value and its place. `text`: it comes from the environment, where everything is text."""

    raw: Any
    place: str
    text: bool = False
    secret: bool = False


def fetch(value: Value, environ: Mapping[str, str], folder: Path, problems: Problems) -> Value:
    """Follow `env:NAME` and `file:PATH`, also inside lists and tables; what they lead to is a secret."""
    raw = value.raw
    if isinstance(raw, list):
        inner = [fetch(Value(v, value.place, value.text), environ, folder, problems) for v in raw]
        return Value([v.raw for v in inner], value.place, value.text, any(v.secret for v in inner))
    if isinstance(raw, dict):
        found = {k: fetch(Value(v, value.place, value.text), environ, folder, problems) for k, v in raw.items()}
        return Value(
            {k: v.raw for k, v in found.items()}, value.place, value.text, any(v.secret for v in found.values())
        )
    if not isinstance(raw, str) or not raw.startswith(("env:", "file:")):
        return value
    kind, _, name = raw.partition(":")
    if kind == "env":
        if not environ.get(name):
            problems.add(value.place, f"the variable {name} is not set. Set it, or write the value here.")
        return Value(environ.get(name, ""), value.place, True, True)
    try:
        return Value((folder / name).read_text("utf-8").strip(), value.place, True, True)
    except (OSError, UnicodeDecodeError):
        problems.add(value.place, f"the file {folder / name} cannot be read. Check its path and permissions.")
        return Value("", value.place, True, True)


def convert(name: str, kind: type[Any], value: Value, rule: Mapping[str, Any], problems: Problems) -> Any:
    """The value as `kind` (str, int, float, bool, tuple of texts, Path); None after a problem."""
    made = _from_text(kind, value.raw) if value.text and isinstance(value.raw, str) else _typed(kind, value.raw)
    if made is None or not _fits(made, rule):
        hidden = value.secret or rule.get("secret")
        shown = "" if hidden else f", not {value.raw!r}"
        problems.add(value.place, f"{name} must be {_wish(kind, rule)}{shown}.")
        return None
    return made


def _typed(kind: type[Any], raw: Any) -> Any:
    if kind is Path:
        return Path(raw) if isinstance(raw, str) and raw else None
    if kind is tuple:
        return tuple(raw) if isinstance(raw, list) and raw and all(isinstance(v, str) for v in raw) else None
    if kind is float and type(raw) is int:
        return float(raw)
    return raw if type(raw) is kind else None


def _from_text(kind: type[Any], text: str) -> Any:
    if kind is bool:
        return {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}.get(text.strip().lower())
    if kind is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip()) or None
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return None
    return _typed(kind, text)


def _fits(made: Any, rule: Mapping[str, Any]) -> bool:
    if among := rule.get("among"):
        return all(v in among for v in (made if isinstance(made, tuple) else (made,)))
    if like := rule.get("like"):
        return re.fullmatch(like, made) is not None
    if fits := rule.get("fits"):
        return bool(fits(made))
    return "low" not in rule or bool(rule["low"] <= made <= rule["high"])  # NaN is not in any range


def is_zone(name: str) -> bool:
    """Whether the time zone is known (IANA)."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _wish(kind: type[Any], rule: Mapping[str, Any]) -> str:
    if among := rule.get("among"):
        return ("a list of " if kind is tuple else "one of ") + ", ".join(among)
    if wish := rule.get("wish"):
        return str(wish)
    if "low" in rule:
        return f"{WORDS[kind]} from {rule['low']} to {rule['high']}"
    return WORDS.get(kind, "a path")


def option(text: str) -> Any:
    """An inbox option from the environment: TOML lists, whole numbers and booleans as such, all else text."""
    try:
        made = tomllib.loads(f"v = {text}")
    except tomllib.TOMLDecodeError:
        return text
    value = made.get("v") if len(made) == 1 else None
    plain = isinstance(value, list | bool) or (type(value) is int and str(value) == text)
    quoted = isinstance(value, str)
    return value if plain or quoted else text
