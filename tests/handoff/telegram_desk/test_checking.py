"""What kefu check says of a group that is not as it should be; and of settings that make no sense."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.ports import Finding
from bot.setting_sections import TelegramDeskSettings
from bot.settings import load
from handoff.telegram_desk import making
from tests.fakes.telegram import DESK_TOKEN, GROUP, Telegram

LOCAL = "http://127.0.0.1:8000"


async def checked(fake: Telegram, token: str = DESK_TOKEN, group: int = GROUP, url: str = LOCAL) -> list[Finding]:
    return await making.check(TelegramDeskSettings(token=token, group=group, api_base=fake.url), url)


async def test_a_desk_that_is_well(telegram: Telegram) -> None:
    found = await checked(telegram, url="https://desk.example.com")
    assert [one.what for one in found if not one.ok or one.mend] == []
    assert "telegram desk: bot @kefu_desk_bot" in [one.what for one in found]
    assert telegram.counts["getUpdates"] == 0


BROKEN: list[tuple[Callable[[Telegram], object], str, str]] = [
    (lambda fake: fake.set_forum(GROUP, False), "has topics", "switch Topics on"),
    (lambda fake: fake.join(GROUP, DESK_TOKEN, []), "manage topics", "Manage Topics"),
    (lambda fake: fake.join(GROUP, DESK_TOKEN), "reads the group", "administrator"),
    (lambda fake: fake.leave(GROUP, DESK_TOKEN), "group", "put the bot into the group"),
    (lambda fake: fake.migrate(GROUP, -1009), "group", "group = -1009"),
    (lambda fake: fake.bots[DESK_TOKEN].webhook.update(url="https://x.example/y"), "fetched", "deleteWebhook"),
    (lambda fake: fake.bots.pop(DESK_TOKEN), "bot", "@BotFather"),
    (lambda fake: fake.trouble("getMe", status=502, html=True), "bot", "cannot be reached"),
]


@pytest.mark.parametrize(("breaks", "what", "mend"), BROKEN)
async def test_what_is_wrong_and_its_mend(
    telegram: Telegram, breaks: Callable[[Telegram], object], what: str, mend: str
) -> None:
    breaks(telegram)
    wrong = [one for one in await checked(telegram) if not one.ok]
    assert any(what in one.what and mend in one.mend for one in wrong), wrong
    assert not any(DESK_TOKEN in f"{one.what}{one.mend}" for one in wrong)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'[telegram_desk]\ntoken = "{DESK_TOKEN}"\n', "group is missing"),
        ('[telegram_desk]\ntoken = "nonsense"\ngroup = -100\n', "token"),
        (
            f'[telegram_desk]\ntoken = "{DESK_TOKEN}"\ngroup = -100\n'
            f'[[inbox]]\nname = "tg"\nchannel = "telegram"\ntoken = "{DESK_TOKEN}"\n',
            "another bot",
        ),
    ],
)
def test_settings_that_make_no_sense(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "kefu.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=told) as error:
        load(path, {})
    assert DESK_TOKEN not in str(error.value)
