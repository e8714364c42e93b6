"""Fetching: from a network that fails, lies, hangs or keeps its word, into the folder – once, and never half."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.engine import Engine
from bot.errors import NotFoundError, PermanentSendError, StoreError, TemporarySendError, Trouble
from bot.fetching import GIVE_UP, Fetching
from bot.intake import InboxHandle
from bot.live import Live
from bot.media import KeptFiles, MediaFolder
from bot.messages import Attachment, Incoming, Kind
from bot.ports import Stored
from bot.shelf import InboxShelf
from bot.store import Store, fetches, log
from channels import fit
from tests import samples
from tests.engine.works import Network, until, works
from tests.plugins.clerk import Clipboard
from tests.store.shop import HOLD, Shop

PNG = samples.png(8, 8)
ROOT = Path(__file__).parent.parent.parent


class Post(Network):
    """A network with files. `answers[source]` are given one after the other; the last one again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, list[bytes | Exception | Callable[[], Awaitable[bytes]]]] = {}
        self.asked: list[tuple[str, int]] = []
        self.busy = self.most = 0

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        self.asked.append((attachment.source, limit))
        answers = self.answers[attachment.source]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            if isinstance(answer, Exception):
                raise answer
            data = answer if isinstance(answer, bytes) else await answer()
        finally:
            self.busy -= 1
        return Stored(data, "image/jpeg", "from the network.jpg")


async def hang() -> bytes:
    await asyncio.sleep(3600)
    raise AssertionError


@dataclass
class Mail:
    """A shop whose files come by a Post."""

    shop: Shop
    post: Post
    fetching: Fetching
    files: KeptFiles
    live: Live
    places: list[int] = field(default_factory=list)

    async def sends(self, *answers: Any, kind: Kind = Kind.IMAGE, name: str = "") -> int:
        """A customer's message with one file; where it stands."""
        source = f"s{len(self.post.answers)}"
        self.post.answers[source] = list(answers)
        attachment = Attachment(kind, name, "", source=source)
        place = (await self.shop.accept("", sender=source, attachments=(attachment,))).conversation_id
        self.fetching.ring()
        return place

    async def file(self, place: int) -> dict[str, Any]:
        """The attachment as the desk sees it now."""
        page = await self.shop.store.read(log.desk_events, place, after=0)
        found: dict[str, Any] = next(e.d["attachments"][0] for e in page.events if e.t == "message")
        return found

    async def settled(self, place: int) -> dict[str, Any]:
        async def is_it() -> bool:
            found = await self.file(place)
            return bool(found["key"] or "error" in found)

        await until(is_it)
        return await self.file(place)

    async def asked(self, times: int) -> None:
        await until(lambda: len(self.post.asked) >= times and not self.post.busy)

    def on_disk(self) -> list[Path]:
        return [path for path in self.files.folder.root.rglob("*") if path.is_file()]


@asynccontextmanager
async def mail(
    store: Store, folder: Path, *, post: Any = None, within: float = 5.0, slots: int = 4
) -> AsyncIterator[Mail]:
    shop, live = await Shop.open(store), Live()
    files = KeptFiles(store, MediaFolder(folder / "media"), most=len(PNG) + 10)
    post = post or Post()
    fetching = Fetching(
        store,
        live,
        {shop.inbox: InboxHandle(shop.inbox, "shop", post, InboxShelf(store, shop.inbox))},
        files,
        within=within,
        slots=slots,
        sweep=0.2,
    )
    fetching.start()
    try:
        yield Mail(shop, post, fetching, files, live)
    finally:
        await fetching.stop(1)


async def test_a_file_comes_and_everybody_who_looks_hears_it(store: Store, tmp_path: Path) -> None:
    async with mail(store, tmp_path) as there:
        with there.live.watch_desk() as watch:
            place = await there.sends(PNG)
            found = await there.settled(place)
            heard = await watch.wait(5)
        assert heard is not None
        assert place in heard[0]
        assert (found["media_type"], found["size"], found["name"]) == ("image/png", len(PNG), "")
        assert there.files.folder.read(found["key"]) == PNG
        assert (await there.files.find(found["key"]))[0].name == "from the network.jpg"
        assert there.post.asked == [("s0", there.files.most)]


async def test_what_may_pass_is_tried_again(store: Store, tmp_path: Path) -> None:
    busy = TemporarySendError("busy", retry_after=600)
    async with mail(store, tmp_path) as there:
        place = await there.sends(busy, ValueError("a bug of the channel"), PNG)
        await there.asked(1)
        there.shop.clock.forward(timedelta(seconds=590))
        there.fetching.ring()
        await asyncio.sleep(0.3)
        assert len(there.post.asked) == 1, "the network named a time"
        for times in (2, 3):
            there.shop.clock.forward(timedelta(seconds=60))
            there.fetching.ring()
            await there.asked(times)
        assert (await there.settled(place))["key"]


async def test_a_fetch_that_hangs_is_given_up_and_tried_again(store: Store, tmp_path: Path) -> None:
    async with mail(store, tmp_path, within=0.1) as there:
        place = await there.sends(hang, PNG)
        await there.asked(1)
        there.shop.clock.forward(timedelta(minutes=1))
        assert (await there.settled(place))["key"]


@pytest.mark.parametrize(
    ("answer", "kind", "error", "reason"),
    [
        (PermanentSendError("media_id expired"), Kind.IMAGE, "gone", "media_id expired"),
        (PNG + bytes(11), Kind.IMAGE, "too_large", ""),
        (samples.PAGE, Kind.IMAGE, "wrong", ""),
        (b'{"errcode":40007}', Kind.VOICE, "wrong", ""),
        (b"", Kind.VIDEO, "wrong", ""),
    ],
)
async def test_what_never_comes_is_said(
    store: Store, tmp_path: Path, answer: Any, kind: Kind, error: str, reason: str
) -> None:
    async with mail(store, tmp_path) as there:
        found = await there.settled(await there.sends(answer, kind=kind))
        assert (found["error"], found["reason"], found["key"]) == (error, reason, None)
        assert there.on_disk() == []
        assert len(there.post.asked) == 1


async def test_a_page_sent_as_a_file_is_a_file_of_no_known_type(store: Store, tmp_path: Path) -> None:
    async with mail(store, tmp_path) as there:
        found = await there.settled(await there.sends(samples.PAGE, kind=Kind.FILE, name="a.html"))
        assert (found["media_type"], found["name"]) == ("application/octet-stream", "a.html")


async def test_after_three_days_it_is_given_up(store: Store, tmp_path: Path) -> None:
    async with mail(store, tmp_path) as there:
        place = await there.sends(TemporarySendError("busy"))
        await there.asked(1)
        there.shop.clock.forward(GIVE_UP + timedelta(seconds=1))
        there.fetching.ring()
        found = await there.settled(place)
        assert (found["error"], found["reason"]) == ("expired", "busy")


async def test_a_channel_that_hands_out_no_files(store: Store, tmp_path: Path) -> None:
    async with mail(store, tmp_path, post=Network()) as there:
        attachment = Attachment(Kind.FILE, "a", "", url="https://network.example/a")
        place = (await there.shop.accept("", attachments=(attachment,))).conversation_id
        there.fetching.ring()
        assert (await there.settled(place))["error"] == "unsupported"


async def test_what_a_person_can_mend_is_told_and_waited_for(store: Store, tmp_path: Path) -> None:
    barred = PermanentSendError("48001", trouble=Trouble("unauthorized", {"en": "ask for the permission"}))
    async with mail(store, tmp_path) as there:
        place = await there.sends(barred, PNG)
        await there.asked(1)
        await until(lambda: there.shop.rows("SELECT key FROM inbox_trouble"))
        assert "error" not in await there.file(place)
        there.shop.clock.forward(timedelta(minutes=1))
        there.fetching.ring()
        assert (await there.settled(place))["key"]
        assert await there.shop.rows("SELECT key FROM inbox_trouble") == []


async def test_only_so_many_at_a_time_and_one_that_hangs_holds_up_no_other(store: Store, tmp_path: Path) -> None:
    async with mail(store, tmp_path, slots=3) as there:

        async def together() -> bytes:
            while there.post.most < 3:
                await asyncio.sleep(0.01)
            return PNG

        await there.sends(hang)
        places = [await there.sends(together) for _ in range(8)]
        for place in places:
            assert (await there.settled(place))["key"]
        assert there.post.most == 3


async def test_a_store_that_is_away_for_a_moment_costs_a_hold(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = store.write

    async def fails_once(script: Any, *args: Any, **kwargs: Any) -> Any:
        if script is fetches.arrived:
            monkeypatch.setattr(store, "write", write)
            raise StoreError("away")
        return await write(script, *args, **kwargs)

    async with mail(store, tmp_path) as there:
        monkeypatch.setattr(store, "write", fails_once)
        place = await there.sends(PNG)
        await there.asked(1)
        await until(lambda: store.write == write)
        assert (await there.file(place))["key"] is None
        there.shop.clock.forward(there.fetching.hold)
        there.fetching.ring()
        assert (await there.settled(place))["key"]


async def test_a_file_nobody_wants_any_more_is_not_kept(store: Store, tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def slow() -> bytes:
        await gate.wait()
        return PNG

    async with mail(store, tmp_path) as there:
        place = await there.sends(slow)
        await until(lambda: there.post.busy)
        there.shop.clock.forward(there.fetching.hold)
        (other,) = await store.write(fetches.claim, limit=1, hold=HOLD)
        assert await store.write(fetches.failed, other, "gone")
        gate.set()
        await until(lambda: not there.post.busy)
        await until(lambda: not there.on_disk())
        assert (await there.file(place))["error"] == "gone"
        assert await there.shop.rows("SELECT key FROM media") == []


async def test_a_stop_gives_back_what_is_not_done(store: Store, tmp_path: Path) -> None:
    async with mail(store, tmp_path) as there:
        await there.sends(hang)
        await until(lambda: there.post.busy)
        await there.fetching.stop(0.05)
        assert not there.fetching.running
        assert len(await store.write(fetches.claim, limit=9, hold=HOLD)) == 1


async def test_the_engine_rings_when_something_is_wanted(sqlite_url: str, tmp_path: Path) -> None:
    post = Post()
    async with works(sqlite_url, network=post, start=False) as shop:
        files = KeptFiles(shop.store, MediaFolder(tmp_path), most=1000)
        inbox = shop.engine.inboxes["shop"].id
        handles = {inbox: InboxHandle(inbox, "shop", post)}
        fetching = Fetching(shop.store, shop.live, handles, files, sweep=3600)
        engine = Engine(
            shop.store, shop.live, shop.engine.inboxes, brain=shop.clerk, desk=Clipboard(), fit=fit, fetching=fetching
        )  # fmt: skip
        await engine.start()
        await asyncio.sleep(0.2)
        assert engine.running
        post.answers["s"] = [PNG]
        await engine.accept("shop", Incoming("m", "li", attachments=(Attachment(Kind.IMAGE, "", "", source="s"),)))
        await until(lambda: [p for p in tmp_path.rglob("*") if p.is_file() and len(p.name) == 32])
        await engine.stop()
        assert not fetching.running


async def test_death_between_the_file_and_its_row_leaves_no_broken_row(sqlite_url: str, tmp_path: Path) -> None:
    script = f"""
import asyncio
from pathlib import Path
from bot.store import open_store
from tests.engine.test_fetching import PNG, mail

async def main():
    store = await open_store({sqlite_url!r})
    async with mail(store, Path({str(tmp_path)!r})) as there:
        await there.settled(await there.sends(PNG))

asyncio.run(main())
"""
    environ = {**os.environ, "KEFU_CRASH_AT": "after_media_save", "PYTHONPATH": str(ROOT)}
    died = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script], env=environ, capture_output=True, timeout=600, check=False
    )
    assert died.returncode == 9, died.stderr.decode()
    from bot.store import open_store

    store = await open_store(sqlite_url)
    try:
        assert len([p for p in (tmp_path / "media").rglob("*") if p.is_file()]) == 1, "a file that no row names"
        found = await store.read(log.desk_events, 1, after=0)
        assert [e.d["attachments"][0]["key"] for e in found.events] == [None]
        post = Post()
        post.answers["s0"] = [PNG]
        files = KeptFiles(store, MediaFolder(tmp_path / "media"), most=1000)
        fetching = Fetching(store, Live(), {1: InboxHandle(1, "shop", post)}, files, sweep=0.1)
        fetching.start()

        async def there() -> bool:
            page = await store.read(log.desk_events, 1, after=0)
            key = page.events[0].d["attachments"][0]["key"]
            return bool(key) and files.folder.read(key) == PNG

        await until(there)
        await fetching.stop(1)
    finally:
        await store.close()


async def test_what_no_row_names_is_tidied_away_when_it_is_old(sqlite_url: str, tmp_path: Path) -> None:
    async with works(sqlite_url, start=False) as shop:
        folder = MediaFolder(tmp_path)
        files = KeptFiles(shop.store, folder, most=1000)
        said = await shop.say("")
        kept = await files.keep(said.conversation_id, "a.png", PNG)
        orphan, half = folder.save(PNG), folder.path(kept.key).with_name(".x.part")
        half.write_bytes(b"half")
        assert await files.tidy() == 0, "a row may be on its way"
        assert await files.tidy(timedelta(seconds=-5)) == 2
        assert (await files.file(kept.key)).data == PNG
        with pytest.raises(NotFoundError):
            folder.path(orphan)
        assert not half.exists()
