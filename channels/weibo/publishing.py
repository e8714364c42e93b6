"""What we say in public: a comment under a post, or an answer to a comment. Nobody is answered twice.

Before a comment goes out, its key is noted: one whose end nobody saw is not sent again by itself. Where people send it
again, and Weibo calls it a repetition, it was there.

Source: open.weibo.com/wiki: 2/comments/create, 2/comments/reply, 2/comments/show_batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.errors import AmbiguousSendError, PermanentSendError, StoreError, TemporarySendError
from bot.messages import Author, Thread
from bot.ports import Call, Receipt, Shelf
from channels.weibo.api import Api
from channels.weibo.budget import Budget
from channels.weibo.errors import RATE, RefusedError
from channels.weibo.fields import ident
from channels.weibo.options import Options
from channels.weibo.places import root_of

CREATE, REPLY = "/2/comments/create.json", "/2/comments/reply.json"
SHOW = "/2/comments/show_batch.json"
REPEATED = frozenset({20017, 20019, 20111})
KEPT = timedelta(days=30)
UNSURE, OUT = "unsure", "out:"


class Publishing:
    """The talking half of what is public."""

    def __init__(self, options: Options, api: Api, shelf: Shelf, budget: Budget) -> None:
        self._options, self._api, self._shelf, self._budget = options, api, shelf, budget

    async def send(self, call: Call) -> Receipt:
        """Raises a SendError that says what to do about it."""
        try:
            return await self._sent(call)
        except StoreError as error:
            raise TemporarySendError(f"the store did not answer: {error}") from error

    async def _sent(self, call: Call) -> Receipt:
        note = f"said:{call.key}"
        told, again = await self._shelf.get(note) or "", call.params.get("again", "")
        if told.startswith(OUT):
            return Receipt(told.removeprefix(OUT))
        if told == f"{UNSURE}:{again}":
            raise AmbiguousSendError("it was being handed over when something ended it, and may be there")
        path, form = await self._place(call.params)
        await self._budget.answer()
        await self._shelf.put(note, f"{UNSURE}:{again}", lasts=KEPT)
        receipt = await self._said(path, form, note, told)
        await self._note(note, f"{OUT}{receipt.external_id}")
        return receipt

    async def _said(self, path: str, form: Mapping[str, str], note: str, before: str) -> Receipt:
        """`before`: what the note said; if it was sent once, a repetition is that one."""
        try:
            told = await self._api.post(self._options.api_base + path, form)
        except RefusedError as refusal:
            if refusal.code in REPEATED and before:
                return Receipt(problem="Weibo has it already: it was sent the first time")
            await self._note(note, before)
            if refusal.code in RATE:
                self._budget.spent(await self._budget.rest(refusal.code), str(refusal.meaning))
            raise refusal.meaning from None
        except (TemporarySendError, PermanentSendError):
            await self._note(note, before)
            raise
        known = ident(told, "idstr", "id", "mid")
        return Receipt(f"comment:{known}" if known else "")

    async def _note(self, note: str, told: str) -> None:
        """A note that cannot be kept leaves the one before: then nobody sends again by himself, which is right."""
        try:
            await (self._shelf.put(note, told, lasts=KEPT) if told else self._shelf.drop(note))
        except StoreError:
            return

    # ---- where ---------------------------------------------------------------------------------------------------

    async def _place(self, params: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """The call and its form: under the post, or to the comment that it answers."""
        root, handle = root_of(params["thread"]), params.get("handle", "")
        if not _named(handle):
            handle = _last(await self._shelf.threads(senders=[params["to"]]), params["thread"])
        kind, _, number = handle.partition(":")
        if not root.isdigit():
            number = number if kind == "comment" else root.removeprefix("c")
            kind, root = "comment", await self._post_of(number)
        said = {"id": root, "comment": params["comment"]}
        return (REPLY, {**said, "cid": number}) if kind == "comment" else (CREATE, said)

    async def _post_of(self, comment: str) -> str:
        """Under which post a comment stands that only a push told of."""
        if known := await self._shelf.get(f"root:{comment}"):
            return known
        if not comment.isdigit():
            raise PermanentSendError("under which post this stands is not known")
        await self._budget.answer()
        try:
            told = await self._api.get(self._options.api_base + SHOW, {"cids": comment})
        except RefusedError as refusal:
            raise refusal.meaning from None
        listed = told.get("comments")
        first = listed[0] if isinstance(listed, list) and listed else None
        root = ident(first.get("status"), "idstr", "id", "mid") if isinstance(first, Mapping) else ""
        if not root:
            raise PermanentSendError("the comment is gone")
        await self._shelf.put(f"root:{comment}", root, lasts=KEPT)
        return root


def _named(handle: str) -> bool:
    kind, _, number = handle.partition(":")
    return kind in ("status", "comment") and number.isdigit()


def _last(threads: Sequence[Thread], thread: str) -> str:
    """What the customer said last in that thread."""
    said = [one for each in threads if each.thread == thread for one in each.said if one.author is Author.CUSTOMER]
    return next((one.external_id for one in reversed(said) if _named(one.external_id)), "")
