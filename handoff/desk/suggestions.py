"""The page of questions the FAQ lacks: for supervisors and admins, who turn them into entries."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import ConflictError, ContentError, NotFoundError, TakenError
from bot.masking import MASK
from bot.ports import Library
from bot.store import suggestions
from bot.store.agents import Account
from handoff.desk import words
from handoff.desk.ground import DeskGround
from handoff.desk.pages import Pages, fields
from handoff.desk.sessions import Sessions

PAGE: Final = "/desk/suggestions"
ROLES: Final = ("supervisor", "admin")
SHOWN: Final = 200
"""Questions of a state that are looked at: the most asked."""
MOST_BODY: Final = 64 * 1024
SETTLED: Final = {"add": "done", "extend": "done", "dismiss": "dismissed", "reopen": "open"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that was sent and not accepted: it comes back as it was, with what is to be mended."""

    ids: tuple[int, ...]
    action: str = ""
    question: str = ""
    answer: str = ""
    entry: str = ""
    language: str = ""
    error: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(cls, form: Mapping[str, Sequence[str]]) -> Draft:
        def one(name: str) -> str:
            return next(iter(form.get(name, ())), "").strip()

        ids = tuple(int(id_) for id_ in form.get("id", ()) if id_.isascii() and id_.isdigit() and len(id_) < 10)
        return cls(ids, one("action"), one("question"), one("answer"), one("entry"), one("language"))

    def stands_in(self, group: Sequence[Mapping[str, Any]]) -> bool:
        """The form belongs to this group of questions."""
        return any(one["id"] in self.ids for one in group)


class RefusedDraftError(Exception):
    """The form cannot be carried out; `key` says why."""

    def __init__(self, key: str, *, remarks: Sequence[str] = (), **values: str) -> None:
        super().__init__(key)
        self.key, self.remarks, self.values = key, tuple(remarks), values


class SuggestionPages:
    """Made on the server, and works without a script."""

    def __init__(self, ground: DeskGround, sessions: Sessions, pages: Pages) -> None:
        self._store, self._library = ground.store, ground.library
        self._sessions, self._pages = sessions, pages

    async def listed(self, request: Request) -> Response:
        return await self._barred(request) or await self._list(request)

    async def settle(self, request: Request) -> Response:
        if (barred := await self._barred(request)) is not None:
            return barred
        login = await self._sessions.look(request)
        assert login is not None
        draft = Draft.of(await fields(request, most=MOST_BODY, names=SHOWN + 20))
        try:
            entry = await self._carry_out(draft, login.agent)
        except RefusedDraftError as error:
            back = Draft(
                draft.ids, draft.action, draft.question, draft.answer, draft.entry, draft.language,
                error.key, error.values, error.remarks,
            )  # fmt: skip
            return await self._list(request, back, status=409 if error.key == "suggestions.settled" else 422)
        told = {"did": draft.action.removesuffix("_anyway"), "entry": entry, "n": str(len(draft.ids))}
        return RedirectResponse(f"{PAGE}?{urlencode(told)}", 303)

    async def _barred(self, request: Request) -> Response | None:
        login = await self._sessions.look(request)
        if login is None:
            return RedirectResponse(f"/desk/login?next={quote(PAGE)}", 303)
        if login.agent.must_change:
            return RedirectResponse("/desk/password", 303)
        if login.agent.role not in ROLES:
            return self._pages.page(request, "barred.html", 403)
        return None

    # ---- what a form asks for -------------------------------------------------------------------------------------

    async def _carry_out(self, draft: Draft, agent: Account) -> str:
        """The FAQ first, then the questions: an entry that was written and not ticked off is no harm."""
        settled = SETTLED.get(draft.action.removesuffix("_anyway"))
        if settled is None or not draft.ids:
            raise RefusedDraftError("suggestions.nothing")
        try:
            asked = [await self._store.read(suggestions.one, id_) for id_ in draft.ids]
            if settled == "done" and any(one["state"] != "open" for one in asked):
                raise RefusedDraftError("suggestions.settled")
            entry = await self._write(draft, [one["text"].replace(MASK, " ") for one in asked])
            for one in asked:
                await self._store.write(suggestions.settle, one["id"], settled, agent.id, entry)
        except TakenError as error:
            raise RefusedDraftError("suggestions.taken", question=error.question, entry=error.entry) from error
        except ContentError as error:
            raise RefusedDraftError("suggestions.broken", what=str(error)) from error
        except (ConflictError, NotFoundError) as error:
            raise RefusedDraftError("suggestions.settled") from error
        return entry

    async def _write(self, draft: Draft, texts: Sequence[str]) -> str:
        if draft.action in ("dismiss", "reopen"):
            return ""
        if self._library is None or self._library.own is None:
            raise RefusedDraftError("suggestions.sample")
        if draft.action == "extend":
            if not draft.entry:
                raise RefusedDraftError("suggestions.no_entry")
            await asyncio.to_thread(self._library.extend, draft.entry, texts, draft.language)
            return draft.entry
        return await self._add(self._library, draft, texts)

    async def _add(self, library: Library, draft: Draft, texts: Sequence[str]) -> str:
        if not draft.question or not draft.answer:
            raise RefusedDraftError("suggestions.empty")
        if draft.action == "add":
            remarks = await asyncio.to_thread(library.remarks, draft.answer, draft.language)
            if remarks:
                raise RefusedDraftError("suggestions.remarks", remarks=remarks)
        return await asyncio.to_thread(library.add, [draft.question, *texts], draft.answer, draft.language)

    # ---- the page -------------------------------------------------------------------------------------------------

    async def _list(self, request: Request, draft: Draft | None = None, *, status: int = 200) -> Response:
        state = request.query_params.get("state", "open")
        state = state if state in suggestions.STATES else "open"
        found = await self._store.read(suggestions.listed, state, SHOWN)
        counts = await self._store.read(suggestions.counts)
        language = words.wanted(request)
        groups, entries, trouble = await asyncio.to_thread(self._arranged, found, language)
        loose = draft is not None and not any(draft.stands_in(group) for group in groups)
        return self._pages.page(
            request, "suggestions.html", status, state=state, states=suggestions.STATES, counts=counts, groups=groups,
            entries=entries, titles=dict(entries), own=self._library and self._library.own, trouble=trouble,
            draft=draft, loose=loose, shown=SHOWN, did=_done(request), names=words.LANGUAGES,
        )  # fmt: skip

    def _arranged(
        self, found: Sequence[dict[str, Any]], language: str
    ) -> tuple[list[list[dict[str, Any]]], list[tuple[str, str]], str]:
        """Near ones together, most asked first; the FAQ's entries; and what is the matter with its file."""
        if self._library is None:
            return [[one] for one in found], [], ""
        groups = [[found[place] for place in group] for group in self._library.alike([one["text"] for one in found])]
        groups.sort(key=lambda group: -sum(one["count"] for one in group))
        try:
            return groups, list(self._library.entries(language)), ""
        except ContentError as error:
            return groups, [], str(error)


def _done(request: Request) -> Mapping[str, str]:
    """What the form before this page did, to be said once."""
    told = request.query_params
    return (
        {"did": told["did"], "entry": told.get("entry", ""), "n": told.get("n", "")}
        if told.get("did") in SETTLED
        else {}
    )
