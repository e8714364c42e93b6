"""The sections of `kefu.toml`: the keys of each, and what their values must satisfy (`key(…)`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.setting_values import is_zone

LANGUAGES = ("zh-Hans", "zh-Hant", "en")


def key(default: Any, **rule: Any) -> Any:
    """A setting: its default, and `low` and `high`, `among`, `like` (a pattern), `fits`, `wish` in words; `secret`."""
    return field(default=default, metadata=rule, repr=not rule.get("secret"))


@dataclass(frozen=True, slots=True)
class Brand:
    """Who speaks, and when people are on duty (as customers read it). Not set: what the scripts' [brand] says.

    The first language is used until the customer's is known. `timezone` (IANA): by whose clock customers are greeted.
    """

    company: str | None = key(None, like=r"\S.*", wish="a name")
    hours: str | None = key(None, like=r"\S.*", wish="words like 每天 9:00–21:00")
    languages: tuple[str, ...] = key(LANGUAGES, among=LANGUAGES)
    timezone: str = key("Asia/Shanghai", fits=is_zone, wish="a time zone like Asia/Taipei or Europe/London")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where everything durable is. After `load` the path of a SQLite file is absolute."""

    url: str = key(
        "sqlite:///kefu-data/kefu.db",
        like=r"sqlite:///[^:?]+|postgresql://.+",
        wish="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
        secret=True,
    )


@dataclass(frozen=True, slots=True)
class Web:
    """Where we listen, and under which address the world sees us (behind a proxy, with https)."""

    host: str = key("127.0.0.1", like=r"[\w.:-]+", wish="a host name or address")
    port: int = key(8000, low=1, high=65535)
    public_url: str = key(
        "", like=r"(https?://[^/\s]+/?)?", wish='an address without a path, as "https://chat.example.com"'
    )

    @property
    def url(self) -> str:
        """What a browser opens, without a slash at the end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    def webhook(self, inbox: str) -> str:
        """Where an inbox's network calls us."""
        return f"{self.url}/webhooks/{inbox}"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How hard we work: `turns` and `deliveries` at a time, `max_attempts` before a message is set aside."""

    lease_seconds: float = key(30.0, low=1, high=3600)
    turns: int = key(64, low=1, high=1000)
    deliveries: int = key(32, low=1, high=1000)
    sweep_seconds: float = key(0.5, low=0.05, high=60)
    max_attempts: int = key(5, low=1, high=100)
    reopen_hours: float = key(24.0, low=0, high=8760)


@dataclass(frozen=True, slots=True)
class Log:
    """What goes to standard error. `personal_data`: also what customers wrote and who they are."""

    level: str = key("info", among=("debug", "info", "warning", "error"))
    format: str = key("console", among=("console", "json"))
    personal_data: bool = key(False)


@dataclass(frozen=True, slots=True)
class Faq:
    """The FAQ file (CSV); none: the sample that comes with kefu. `wrong_answers`: the share of the bot's FAQ answers
    that may be wrong; with less, it asks back more often. `encoder`: match by meaning too, for 150 MB of memory."""

    path: Path | None = None
    wrong_answers: float = key(0.05, low=0, high=0.5)
    encoder: bool = key(True)


@dataclass(frozen=True, slots=True)
class Letters:
    """By when a letter is answered, as the automatic reply promises it: within so many hours of the time in which
    people work, on `days` (1 is Monday) from `opens` to `closes` by the clock of `brand.timezone`."""

    answer_within: float = key(12.0, low=0.5, high=400)
    days: str = key("1-7", like=r"\s*[1-7][1-7,\s-]*", wish='weekdays like "1-5" or "1-5,7" (1 is Monday)')
    opens: str = key("9:00", like=r"\d{1,2}:\d\d", wish='a time like "9:00"')
    closes: str = key("21:00", like=r"\d{1,2}:\d\d", wish='a time like "18:00"')


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """What the bot may answer with its one line where everybody reads it: `none`, `mild` (no serious or critical
    complaint), `all` (serious ones too, critical ones only with `grave`). From so many `followers` on, a complaint is
    serious."""

    answers: str = key("mild", among=("none", "mild", "all"))
    grave: bool = False
    followers: int = key(10_000, low=1, high=10**9)


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """By when a complaint case is answered, in hours from its registration, by its tier. The register promises its
    customers 24 hours (`within` in forms.toml)."""

    critical: float = key(1.0, low=0.05, high=2400)
    serious: float = key(4.0, low=0.05, high=2400)
    moderate: float = key(24.0, low=0.05, high=2400)
    minor: float = key(24.0, low=0.05, high=2400)

    @property
    def within(self) -> dict[str, timedelta]:
        """The same by tier."""
        hours = {
            "critical": self.critical, "serious": self.serious, "moderate": self.moderate, "minor": self.minor,
        }  # fmt: skip
        return {tier: timedelta(hours=one) for tier, one in hours.items()}


@dataclass(frozen=True, slots=True)
class TriageSettings:
    """Weights of one's own, from `kefu triage train`; none: those that come with kefu. `large_loss`: the sum in CNY
    from which a loss is serious; other currencies are converted roughly."""

    weights: Path | None = None
    large_loss: int = key(5000, low=1, high=10**9)


@dataclass(frozen=True, slots=True)
class Content:
    """A folder laid out like `replies/content`; none: the one that comes with kefu."""

    path: Path | None = None


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """Where files of customers and agents are kept, and how large one may be; no folder: `Settings.media_folder`."""

    folder: Path | None = None
    max_megabytes: int = key(20, low=1, high=1000)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """An OpenAI-compatible model that helps with the FAQ; without `base_url`, none. `within`: seconds it has.

    `daily_tokens`: no more calls after so many on one UTC day. `price`: of a million tokens, for the log. `rephrase`
    (chat only): it may put an answer in other words.
    """

    base_url: str = key("", like=r"(https?://\S+)?", wish='an address like "https://api.example.com/v1"')
    api_key: str = key("", secret=True)
    model: str = ""
    within: float = key(1.5, low=0.05, high=10)
    daily_tokens: int = key(500_000, low=0, high=10**9)
    price: float = key(0.0, low=0, high=10_000)
    rephrase: bool = False


@dataclass(frozen=True, slots=True)
class TelegramDeskSettings:
    """The agents' desk inside a Telegram forum group (`group`: its chat id, as -100…); without a `token`, none.

    `language`: the one agents read there, else the brand's first. `per_minute`: messages; Telegram takes 20.
    """

    token: str = key("", like=r"(\d{3,20}:[\w-]{20,80})?", wish="what @BotFather gave, as 123456:ABC…", secret=True)
    group: int = key(0, low=-(10**16), high=0)
    language: str = key("", among=("", *LANGUAGES))
    api_base: str = key("https://api.telegram.org", like=r"https?://\S+", wish="an address")
    proxy: str = key(
        "", like=r"((https?|socks[45])://\S+)?", wish="an address like socks5://127.0.0.1:1080", secret=True
    )
    per_minute: int = key(18, low=5, high=20)
