"""The media folder: whole files under keys nobody guesses, and nothing else within reach."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.errors import NotFoundError, StoreError, TooLargeError
from bot.media import KEY, KeptFiles, MediaFolder
from bot.ports import Stored
from bot.setting_sections import StoreSettings
from bot.settings import Settings
from bot.store import Store
from tests import samples
from tests.store.shop import Shop


@pytest.fixture
def folder(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "deep" / "media")


def test_what_is_kept_can_be_read(folder: MediaFolder) -> None:
    one, other = folder.save(b"one"), folder.save(b"one")
    assert one != other
    assert KEY.fullmatch(one)
    assert folder.read(one) == b"one"
    assert folder.path(one).parent == folder.root / one[:2] / one[2:4]
    folder.drop(one)
    folder.drop(one)
    with pytest.raises(NotFoundError):
        folder.read(one)
    assert folder.read(other) == b"one"


@pytest.mark.parametrize(
    "key",
    [
        "", "..", "../../../etc/passwd", "/etc/passwd", "a" * 31, "a" * 33, "a" * 32 + "\n",
        "a" * 31 + "/", "a" * 31 + "\0",
        "..%2f..%2f..%2fetc%2fpasswd".ljust(32, "a"), "ａ" * 32, "a" * 28 + "/../",
    ],
)  # fmt: skip
def test_what_is_no_key_is_never_looked_for(folder: MediaFolder, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.save(b"x")

    def looked(self: Path) -> bool:
        raise AssertionError(f"looked for {self}")

    monkeypatch.setattr(Path, "is_file", looked)
    with pytest.raises(NotFoundError):
        folder.path(key)
    with pytest.raises(NotFoundError):
        folder.read(key)
    folder.drop(key)


def test_a_disk_that_is_full_leaves_nothing_behind(folder: MediaFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        folder.save(b"x")
    assert [path for path in folder.root.rglob("*") if path.is_file()] == []


def test_many_are_kept_at_once_all_or_none(folder: MediaFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [b"", b"one", b"one", bytes(100_000)]
    keys = folder.save_all(files)
    assert len(set(keys)) == 4
    assert [folder.read(key) for key in keys] == files
    assert len({folder.path(key).parent for key in keys}) == 1
    synced: list[int] = []

    def full_at_the_second(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    with pytest.raises(StoreError, match="No space left"):
        folder.save_all(files)
    assert len([path for path in folder.root.rglob("*") if path.is_file()]) == 4


def test_a_file_is_kept_when_it_and_its_name_are_on_disk(folder: MediaFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []

    def looked(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))

    monkeypatch.setattr(os, "fsync", looked)
    places = [folder.path(key) for key in folder.save_all([b"a", b"b", b"c"])]
    assert {str(place) for place in places} == set(synced[:3])
    assert synced[3:] == [str(p) for p in (places[0].parent, places[0].parent.parent, folder.root)]


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="Check its disk and owner"):
        MediaFolder(tmp_path / "file").save(b"x")


async def test_a_file_with_its_row(store: Store, folder: MediaFolder) -> None:
    shop = await Shop.open(store)
    place = (await shop.accept()).conversation_id
    files = KeptFiles(store, folder, most=5000)
    kept = await files.keep(place, "a/猫.png", samples.png(8, 8))
    assert (kept.name, kept.media_type, kept.size) == ("猫.png", "image/png", len(samples.png(8, 8)))
    assert await files.find(kept.key) == (kept, folder.path(kept.key))
    assert await files.file(kept.key) == Stored(samples.png(8, 8), "image/png", "猫.png")
    unnamed = await files.keep(place, "", samples.AMR)
    assert (unnamed.name, unnamed.media_type) == ("voice.amr", "audio/amr")
    with pytest.raises(TooLargeError):
        await files.keep(place, "x", bytes(5001))
    for key in ("..", "a" * 32):
        with pytest.raises(NotFoundError):
            await files.find(key)
    folder.drop(kept.key)
    with pytest.raises(NotFoundError):
        await files.file(kept.key)


def test_the_folder_stands_beside_the_database_unless_set(tmp_path: Path) -> None:
    assert Settings().media.max_megabytes == 20
    beside = Settings(store=StoreSettings("sqlite:////var/lib/kefu/kefu.db"))
    assert beside.media_folder == Path("/var/lib/kefu/media")
    shared = Settings(store=StoreSettings("postgresql://kefu@db/kefu"), folder=tmp_path)
    assert shared.media_folder == tmp_path / "kefu-data/media"
