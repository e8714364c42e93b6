from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

import channels
from bot.errors import SettingsError
from channels.web.channel import WebChannel


def test_load_finds_the_web_channel() -> None:
    assert channels.load("web") is WebChannel


def test_an_unknown_kind_is_told_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"no channel 'fax'.*: .*web"):
        channels.load("fax")


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    points = EntryPoints(
        [
            EntryPoint("line", "channels.web.channel:WebChannel", channels.GROUP),
            EntryPoint("web", "nowhere:Nothing", channels.GROUP),
            EntryPoint("gone", "no_such_distribution:Channel", channels.GROUP),
            EntryPoint("odd", "channels.web.channel:NoSuchClass", channels.GROUP),
        ]
    )
    monkeypatch.setattr(channels, "entry_points", lambda group: points.select(group=group))


@pytest.mark.usefixtures("foreign")
def test_other_distributions_add_kinds() -> None:
    assert channels.load("line") is WebChannel
    assert channels.kinds() == tuple(sorted({"gone", "line", "odd", *channels.CHANNELS}))


@pytest.mark.usefixtures("foreign")
def test_ours_win() -> None:
    assert channels.load("web") is WebChannel


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize("kind", ["gone", "odd"])
def test_a_channel_that_cannot_be_imported_says_why(kind: str) -> None:
    with pytest.raises(SettingsError, match=f"{kind}.*cannot be loaded"):
        channels.load(kind)
