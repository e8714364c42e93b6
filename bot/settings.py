"""The settings: `kefu.toml` and the environment, read strictly.

The dataclasses here and in `bot.setting_sections` are the whole table of keys. Every mistake is collected and
told with its place (file and line, or the name of the variable) and the mend. The value of a secret is never told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from bot.setting_sections import (
    Brand,
    CaseSettings,
    Content,
    EngineSettings,
    Faq,
    Letters,
    Log,
    MediaSettings,
    ModelSettings,
    PublicSettings,
    StoreSettings,
    TelegramDeskSettings,
    TriageSettings,
    Web,
)
from bot.setting_values import Problems, TomlText, Value, convert, fetch, option

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
NEW_INBOX = re.compile(r"KEFU_INBOX_(\w+)_CHANNEL$")
OURS = {"KEFU_CONFIG", "KEFU_DEBUG", "KEFU_CRASH_AT"}
KUBERNETES = re.compile(r"KEFU_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)$")
TYPES: Mapping[str, type[Any]] = {
    "str": str,
    "str | None": str,
    "int": int,
    "float": float,
    "bool": bool,
    "tuple[str, ...]": tuple,
    "Path | None": Path,
}


@dataclass(frozen=True, slots=True)
class InboxSettings:
    """One configured account of a channel. `options` belong to the channel, which checks them itself.

    `places` tells for each option, and "" for the inbox, where it was set: "kefu.toml:12" or "KEFU_INBOX_…".
    """

    name: str
    channel: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    places: Mapping[str, str] = field(default_factory=dict, repr=False)

    def place(self, option: str = "") -> str:
        return self.places.get(option) or self.places.get("", "settings")


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it. `folder` is what relative paths start from: the file's folder, or where kefu was started."""

    brand: Brand = field(default_factory=Brand)
    store: StoreSettings = field(default_factory=StoreSettings)
    web: Web = field(default_factory=Web)
    engine: EngineSettings = field(default_factory=EngineSettings)
    log: Log = field(default_factory=Log)
    faq: Faq = field(default_factory=Faq)
    letters: Letters = field(default_factory=Letters)
    public: PublicSettings = field(default_factory=PublicSettings)
    triage: TriageSettings = field(default_factory=TriageSettings)
    cases: CaseSettings = field(default_factory=CaseSettings)
    content: Content = field(default_factory=Content)
    media: MediaSettings = field(default_factory=MediaSettings)
    models_embeddings: ModelSettings = field(default_factory=ModelSettings)
    models_chat: ModelSettings = field(default_factory=ModelSettings)
    telegram_desk: TelegramDeskSettings = field(default_factory=TelegramDeskSettings)
    inboxes: tuple[InboxSettings, ...] = (InboxSettings("web", "web"),)
    folder: Path = Path()

    @property
    def data_folder(self) -> Path:
        """Where the SQLite file is, or would be."""
        _, sqlite, path = self.store.url.partition("sqlite:///")
        return Path(path).parent if sqlite else self.folder / "kefu-data"

    @property
    def media_folder(self) -> Path:
        """Where files are kept: as set, else in the data folder."""
        return self.media.folder or self.data_folder / "media"

    @property
    def index_folder(self) -> Path:
        """Where the FAQ's built index is kept: it may be deleted, and is made again."""
        return self.data_folder / "faq-index"


SECTIONS: Mapping[str, type[Any]] = {
    "brand": Brand,
    "store": StoreSettings,
    "web": Web,
    "engine": EngineSettings,
    "log": Log,
    "faq": Faq,
    "letters": Letters,
    "public": PublicSettings,
    "triage": TriageSettings,
    "cases": CaseSettings,
    "content": Content,
    "media": MediaSettings,
    "models.embeddings": ModelSettings,
    "models.chat": ModelSettings,
    "telegram_desk": TelegramDeskSettings,
}


def load(path: Path | None, environ: Mapping[str, str], *, channels: Collection[str] = ()) -> Settings:
    """The settings of a file (None: none) and of KEFU_… variables, which win.

    `channels` are the known kinds; when given, an inbox of another kind is refused. Raises SettingsError.
    """
    return _Reader(path, environ).settings(channels)


def _alien(name: str, value: str) -> bool:
    """No setting: our own switches, and what Kubernetes puts into every container beside a service called kefu."""
    return name in OURS or bool(KUBERNETES.match(name)) or value.startswith(("tcp://", "udp://"))


def _variable(section: str, name: str) -> str:
    return f"KEFU_{section}_{name}".upper().replace(".", "_")


def _absolute(url: str, folder: Path) -> str:
    prefix, _, path = url.partition("sqlite:///")
    return url if prefix or not path else f"sqlite:///{folder / path}"


class _Reader:
    def __init__(self, path: Path | None, environ: Mapping[str, str]) -> None:
        self.toml = TomlText(path) if path else None
        self.folder = path.resolve().parent if path else Path.cwd()
        self.environ = environ
        self.problems = Problems()
        self.variables = {k: v for k, v in environ.items() if k.startswith("KEFU_") and v and not _alien(k, v)}

    def settings(self, channels: Collection[str]) -> Settings:
        data = dict(self.toml.data) if self.toml else {}
        if isinstance(data.get("models"), dict):
            data |= {f"models.{name}": table for name, table in data.pop("models").items()}
        tables = data.pop("inbox", [])
        for name in data.keys() - SECTIONS.keys():
            self.problems.unknown(self._place(name), name, [*SECTIONS, "inbox"], what="section")
        made: dict[str, Any] = {name.replace(".", "_"): self._section(name, data.get(name, {})) for name in SECTIONS}
        inboxes = self._inboxes(tables, channels)
        known = [_variable(s, f.name) for s, kind in SECTIONS.items() for f in fields(kind)]
        for name in self.variables:
            self.problems.unknown(name, name, [*known, "KEFU_CONFIG", "KEFU_INBOX_<NAME>_<OPTION>"], what="variable")
        self._desk(made["telegram_desk"], inboxes)
        self.problems.stop()
        made["store"] = StoreSettings(_absolute(made["store"].url, self.folder))
        return Settings(**made, inboxes=inboxes, folder=self.folder)

    def _desk(self, desk: TelegramDeskSettings, inboxes: Collection[InboxSettings]) -> None:
        place = self._place("telegram_desk", "token")
        if desk.token and not desk.group:
            self.problems.add(
                place, "telegram_desk.group is missing: the forum group's chat id, as group = -100123456."
            )
        for inbox in inboxes:
            if desk.token and inbox.options.get("token") == desk.token:
                told = f"the bot of telegram_desk is that of inbox {inbox.name!r}: Telegram gives a bot's messages to"
                self.problems.add(place, f"{told} one of them only. Make another bot for the desk, at @BotFather.")

    def _place(self, table: str, key: str = "", nth: int = 0) -> str:
        return self.toml.place(table, key, nth) if self.toml else "settings"

    def _section(self, name: str, table: Any) -> Any:
        kind = SECTIONS[name]
        if not isinstance(table, dict):
            self.problems.add(self._place(name), f"{name} must be a section. Write [{name}] on a line of its own.")
            table = {}
        known = {f.name: f for f in fields(kind)}
        for unknown in table.keys() - known.keys():
            names = [f"{name}.{k}" for k in known]
            self.problems.unknown(self._place(name, unknown), f"{name}.{unknown}", names)
        values = {}
        for key_name, entry in known.items():
            variable = _variable(name, key_name)
            if text := self.variables.pop(variable, ""):
                value = Value(text, variable, text=True)
            elif key_name in table:
                value = Value(table[key_name], self._place(name, key_name))
            else:
                continue
            values[key_name] = self._value(f"{name}.{key_name}", value, entry)
        return kind(**values)

    def _value(self, name: str, value: Value, entry: Field[Any]) -> Any:
        value = fetch(value, self.environ, self.folder, self.problems)
        made = convert(name, TYPES[str(entry.type)], value, entry.metadata, self.problems)
        return self.folder / made if isinstance(made, Path) else made

    def _inboxes(self, tables: Any, channels: Collection[str]) -> tuple[InboxSettings, ...]:
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            self.problems.add(self._place("inbox"), "inbox must be a list. Write [[inbox]], with two brackets.")
            tables = []
        found = [self._inbox(n, table) for n, table in enumerate(tables)]
        named = {i.name.replace("-", "_").upper() for i in found}
        for variable in sorted(self.variables):
            if (new := NEW_INBOX.match(variable)) and new[1] not in named:
                found.append(InboxSettings(new[1].lower(), "", places={"": variable}))
        found = found or [InboxSettings("web", "web")]
        order = sorted(range(len(found)), key=lambda n: -len(found[n].name))  # the variables of "a_b" are not "a"'s
        laid = {n: self._overlay(found[n]) for n in order}
        made = [laid[n] for n in range(len(found))]
        for n, inbox in enumerate(made):
            self._judge(inbox, made[:n], channels)
        return tuple(made)

    def _inbox(self, n: int, table: dict[str, Any]) -> InboxSettings:
        places = {k: self._place("inbox", k, n) for k in table} | {"": self._place("inbox", "", n)}
        names = {k: table.get(k, "") for k in ("name", "channel")}
        for k, v in names.items():
            if not isinstance(v, str):
                self.problems.add(places[k], f"inbox.{k} must be text.")
                names[k] = "invalid"
        return InboxSettings(**names, options={k: v for k, v in table.items() if k not in names}, places=places)

    def _overlay(self, inbox: InboxSettings) -> InboxSettings:
        """The inbox with its KEFU_INBOX_<NAME>_<OPTION> variables laid over it, and its secrets fetched."""
        options, places, channel = dict(inbox.options), dict(inbox.places), inbox.channel
        prefix = f"KEFU_INBOX_{inbox.name.replace('-', '_').upper()}_"
        for variable in [v for v in self.variables if v.startswith(prefix)]:
            text, name = self.variables.pop(variable), variable.removeprefix(prefix).lower()
            places[name] = variable
            if name == "channel":
                channel = text
            else:
                options[name] = option(text)
        for name, raw in options.items():
            value = Value(raw, places[name])
            options[name] = fetch(value, self.environ, self.folder, self.problems).raw
        return replace(inbox, channel=channel, options=options, places=places)

    def _judge(self, inbox: InboxSettings, before: list[InboxSettings], channels: Collection[str]) -> None:
        place = inbox.place("name")
        if not NAME.fullmatch(inbox.name):
            wish = "small letters, digits, - and _, at most 32, beginning with a letter or digit"
            self.problems.add(place, f"inbox.name must be {wish}, not {inbox.name!r}.")
        elif inbox.name.replace("-", "_") in [b.name.replace("-", "_") for b in before]:
            self.problems.add(place, f"there is an inbox called {inbox.name!r} already. Give each its own name.")
        if not inbox.channel:
            self.problems.add(inbox.place(), f'inbox {inbox.name!r} has no channel. Add: channel = "web"')
        elif channels and inbox.channel not in channels:
            self.problems.unknown(inbox.place("channel"), inbox.channel, channels, what="channel")
