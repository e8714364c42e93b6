"""The four letters this installation's msgids begin with: made once, kept on the shelf."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

from bot.errors import TemporarySendError
from bot.ports import Shelf
from channels.wecom.msgid import TAG

NAME = "msgid-tag"
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Tag:
    """Read once a process."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf, self._tag = shelf, ""

    async def get(self) -> str:
        """Raises TemporarySendError while another process is about to make it."""
        for _ in range(50):
            if self._tag:
                return self._tag
            kept = await self._shelf.get(NAME)
            if kept and TAG.fullmatch(kept):
                self._tag = kept
            elif await self._shelf.take(f"{NAME}:made", lasts=timedelta(seconds=5)):
                if not await self._shelf.get(NAME):  # made between our look and our turn
                    await self._shelf.put(NAME, "".join(secrets.choice(ALPHABET) for _ in range(4)))
            else:
                await asyncio.sleep(0.1)
        raise TemporarySendError("the msgid tag could not be made: the store does not keep it")
