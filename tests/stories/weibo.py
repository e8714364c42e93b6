"""A kefu that serves a Weibo account: the strict fake on the other side, and a customer there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fakes import weibo_pushes
from tests.fakes.pusher import Delivery, Pusher
from tests.fakes.weibo import SECRET, UID, Weibo
from tests.fakes.weibo_pushes import WeiboPushes
from tests.fakes.wording import Fields
from tests.stories.networks import inbox, shown
from tests.stories.people import COUNT, PATIENCE
from tests.stories.serving import Kefu

WEIBO = "weibo"


@dataclass(frozen=True, slots=True)
class Account:
    """One kefu and the Weibo it speaks to."""

    kefu: Kefu
    weibo: Weibo


@contextmanager
def account(folder: Path, *, options: dict[str, Any] | None = None, **more: Any) -> Iterator[Account]:
    """The fake at work, and a kefu set up for it by its kefu.toml; not started yet."""
    with Weibo() as weibo:
        folder.mkdir(parents=True, exist_ok=True)
        blocks = [inbox("web", "web"), inbox(WEIBO, "weibo", **weibo.options(**(options or {})))]
        (folder / "kefu.toml").write_text("\n".join(blocks), "utf-8")
        made = Kefu(folder, **more)
        try:
            yield Account(made, weibo)
        finally:
            made.kill()


class Fan:
    """A user of Weibo. What he does opens a window there, and is pushed to us."""

    def __init__(self, there: Account, *, attempts: int = 3) -> None:
        self.weibo = there.weibo
        self.uid = f"2{next(COUNT):09}"
        self.http = httpx.AsyncClient(trust_env=False, timeout=None)
        address = f"{there.kefu.url}/webhooks/{WEIBO}"
        self.pusher = Pusher(
            self.http, address, WeiboPushes(UID, SECRET), attempts=attempts, patience=PATIENCE
        )  # fmt: skip

    async def goes(self) -> None:
        await self.http.aclose()

    async def tells(self, fields: Fields) -> Delivery:
        """Anything, delivered as Weibo does; whatever comes of it must be fit to be seen."""
        delivery = await self.pusher.deliver(fields)
        delivery.seen()
        return delivery

    async def says(self, words: str) -> str:
        """A text, and the text he reads at once ("" for none)."""
        self.weibo.act(self.uid)
        reply = (await self.tells(weibo_pushes.text(self.uid, words))).reply
        return "" if reply is None else reply.text

    def texts(self) -> list[str]:
        """What he was sent of our own accord."""
        return self.weibo.heard(self.uid)

    async def reads(self, words: str) -> list[str]:
        """What he was sent, once one has this in it."""

        def look() -> list[str] | None:
            found = self.texts()
            return found if any(words in one for one in found) else None

        return await shown(look, f"{words!r} in {self.texts()}")
