"""What goes to standard error: one line an event, for a machine (JSON) or a person, without personal data.

`log.info("turn.failed", conversation=12)`: the event is a name, everything else is a key. What customers wrote and
who they are is hidden by its key, and e-mail addresses and long numbers wherever they turn up; passwords and tokens
are hidden even where `log.personal_data` lets the rest through. Libraries' own logging takes the same way.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog

from bot.errors import KefuError
from bot.setting_sections import Log

Entry = MutableMapping[str, Any]

HIDDEN = "[hidden]"
SECRET = frozenset({"password", "token", "secret", "cookie", "authorization", "api_key", "signature"})
SAID = frozenset({"text", "body", "message", "question", "answer", "subject", "payload", "value", "note", "draft"})
WHO = frozenset({"name", "contact_name", "sender_name", "author_name", "customer", "sender", "recipient", "login"})
WHERE = frozenset({"external_id", "phone", "email", "address", "ip", "user"})
PERSONAL = SAID | WHO | WHERE
MASKED = (
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<![\w.])\+\d[\d ()-]{7,17}\d(?!\w)"), "[number]"),
    (re.compile(r"(?<![\w.])1[3-9]\d([ -]?)\d{4}\1\d{4}(?!\w)"), "[number]"),
    (re.compile(r"(?<![\w.])\d{15,19}[\dXx]?(?!\w)"), "[number]"),
)
"""E-mail addresses; international and mainland mobile numbers; identity and bank cards."""
NOISY = ("httpx", "httpcore", "aiogram.event", "urllib3", "alembic", "uvicorn")
"""Libraries whose "info" is a line a request, with addresses (and the tokens in them), or every step."""


def configure(log: Log, stream: TextIO | None = None) -> None:
    """Set up logging for the process; `stream` defaults to standard error."""
    out = stream or sys.stderr
    if hasattr(out, "reconfigure"):
        out.reconfigure(encoding="utf-8", errors="backslashreplace")
    level = getattr(logging, log.level.upper())
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        Failure(log.personal_data),
        Discreet(log.personal_data),
    ]
    render = to_json if log.format == "json" else to_line
    structlog.configure(
        processors=[*chain, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=stream is None,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *chain],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.INFO), force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class Failure:
    """Puts an exception into words: where, and which. Its message may quote a customer, so only ours is told."""

    def __init__(self, personal_data: bool) -> None:
        self._all = personal_data

    def __call__(self, _: object, __: str, entry: Entry) -> Entry:
        info = entry.pop("exc_info", None)
        error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
        if isinstance(error, BaseException):
            entry["exception"] = "; from ".join(self._words(error))
        return entry

    def _words(self, error: BaseException) -> list[str]:
        words = []
        seen: set[int] = set()
        link: BaseException | None = error
        while link is not None and id(link) not in seen:
            seen.add(id(link))
            told = f": {link}" if self._all or isinstance(link, KefuError | OSError) else ""
            words.append(f"{type(link).__name__}{told} ({' > '.join(_frames(link)) or 'no traceback'})")
            link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
        return words


def _frames(error: BaseException) -> list[str]:
    frames, tb = [], error.__traceback__
    while tb is not None:
        code = tb.tb_frame.f_code
        frames.append(f"{os.path.basename(code.co_filename)}:{tb.tb_lineno} {code.co_name}")
        tb = tb.tb_next
    return frames


class Discreet:
    """Hides personal data and secrets by key, and masks what looks like an address or a number of a person."""

    def __init__(self, personal_data: bool) -> None:
        self._hidden = SECRET if personal_data else SECRET | PERSONAL
        self._masks = () if personal_data else MASKED

    def __call__(self, _: object, __: str, entry: Entry) -> Entry:
        for key, value in entry.items():
            entry[key] = HIDDEN if key in self._hidden else self._plain(value)
        return entry

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            for pattern, mask in self._masks:
                value = pattern.sub(mask, value)
            return value
        if isinstance(value, dict):
            return {k: HIDDEN if k in self._hidden else self._plain(v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._plain(v) for v in value]
        return value if value is None or isinstance(value, bool | int | float) else self._plain(str(value))


def to_json(_: object, __: str, entry: Entry) -> str:
    return orjson.dumps(dict(entry), option=orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS).decode()


def to_line(_: object, __: str, entry: Entry) -> str:
    """`09:30:00 warning relay.down retry_in=2`: line breaks inside values are escaped, so one event is one line."""
    at, level, event = entry.pop("at", ""), entry.pop("level", ""), entry.pop("event", "")
    rest = " ".join(f"{k}={_quoted(v)}" for k, v in entry.items())
    return f"{at[11:19]} {level:<7} {_escaped(str(event))} {rest}".rstrip()


def _quoted(value: Any) -> str:
    text = str(value)
    return _escaped(text) if text and " " not in text else f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
