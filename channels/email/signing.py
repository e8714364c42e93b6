"""What our tokens are signed with: the option `secret`, or one made once for the mailbox and kept on its shelf."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

from bot.errors import TemporarySendError
from bot.ports import Shelf

NAME = "signing-secret"


class Secret:
    """Read once a process. `given`: the option."""

    def __init__(self, shelf: Shelf, given: str = "") -> None:
        self._shelf, self._secret = shelf, given

    async def get(self) -> bytes:
        """Raises TemporarySendError while another process is about to make it."""
        for _ in range(50):
            if self._secret:
                return self._secret.encode()
            kept = await self._shelf.get(NAME)
            if kept:
                self._secret = kept
            elif await self._shelf.take(f"{NAME}:made", lasts=timedelta(seconds=5)):
                if not await self._shelf.get(NAME):  # made between our look and our turn
                    await self._shelf.put(NAME, secrets.token_hex(32))
            else:
                await asyncio.sleep(0.1)
        raise TemporarySendError("no signing secret could be made: the store does not keep it")
