"""What we say in public: a comment under the post.

Source: open.weibo.com/wiki/2/comments/create.
"""

from __future__ import annotations

from bot.errors import PermanentSendError
from bot.ports import Call, Receipt, Shelf
from channels.weibo.api import Api
from channels.weibo.errors import RefusedError
from channels.weibo.fields import ident
from channels.weibo.options import Options
from channels.weibo.places import root_of

CREATE = "/2/comments/create.json"


class Publishing:
    """The talking half of what is public."""

    def __init__(self, options: Options, api: Api, shelf: Shelf) -> None:
        self._options, self._api, self._shelf = options, api, shelf

    async def send(self, call: Call) -> Receipt:
        """Raises a SendError that says what to do about it."""
        root = root_of(call.params["thread"])
        if not root.isdigit():
            raise PermanentSendError("under which post this stands is not known yet")
        try:
            told = await self._api.post(
                self._options.api_base + CREATE, {"id": root, "comment": call.params["comment"]}
            )
        except RefusedError as refusal:
            raise refusal.meaning from None
        return Receipt(ident(told, "id", "idstr"))
