"""The desk's JSON API. Commands come here; what they changed comes back on the socket as well."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from bot.errors import ConflictError, NotFoundError
from bot.lent import Event, Page
from bot.store import corrections, desk, judging, listing, media, shelf
from bot.store import letters as store_letters
from bot.store import log as store_log
from bot.store.agents import Account
from bot.store.desk import Changed
from bot.store.why import why
from handoff.desk import callers, files, letters, public
from handoff.desk.ground import DeskGround
from handoff.desk.guard import RefusedError, refusal
from handoff.desk.sessions import Sessions
from handoff.desk.words import explaining, wanted
from handoff.why import Explained, explain

MOST_BODY = 128 * 1024
MOST_TEXT, MOST_LETTER = 4000, 20_000
"""Characters of what an agent writes, and where he writes letters."""
MOST_ID = 2**31 - 1
ROWS = 50
EVENTS = 80

Handler = Callable[["Api", Request, Account], Awaitable[Any]]


def event(found: Event) -> dict[str, Any]:
    return {"seq": found.seq, "t": found.t, "d": found.d}


def for_agents(handler: Handler) -> Callable[[Api, Request], Awaitable[Response]]:
    """Only for a logged-in agent with a password of his own; results and errors become JSON."""

    @functools.wraps(handler)
    async def endpoint(self: Api, request: Request) -> Response:
        login = await self.sessions.look(request)
        if login is None:
            return refusal(401, "signed_out", "Please log in again.")
        if login.agent.must_change:
            return refusal(403, "must_change", "Please choose a password of your own first.")
        try:
            answer = await handler(self, request, login.agent)
        except RefusedError as error:
            return refusal(error.status, error.error, str(error))
        except NotFoundError as error:
            return refusal(404, "not_found", str(error))
        except ConflictError as error:
            return refusal(409, "conflict", str(error), current=error.current, row=await self.fresh(request))
        if isinstance(answer, Response):
            return answer
        return Response(orjson.dumps(answer), media_type="application/json")

    return endpoint


class Api:
    """One method a route. `sessions` says whose request it is."""

    def __init__(self, ground: DeskGround, sessions: Sessions) -> None:
        self.sessions = sessions
        self.ground = self._ground = ground
        self._store = ground.store

    async def fresh(self, request: Request) -> dict[str, Any] | None:
        """The row of the conversation a refused command was about, as it is now; None if it was about a message."""
        if "id" not in request.path_params:
            return None
        return await self._store.read(listing.row, request.path_params["id"])

    @for_agents
    async def troubles(self, request: Request, agent: Account) -> Any:
        return {"troubles": await self._store.read(shelf.troubles, self._ground.inboxes)}

    @for_agents
    async def conversations(self, request: Request, agent: Account) -> Any:
        tab = request.query_params.get("tab", "mine")
        before = _moment(request.query_params.get("before"))
        rows = await self._store.read(
            listing.conversations, tab=tab, agent_id=agent.id, limit=ROWS + 1, before=before
        )  # fmt: skip
        counts = await self._store.read(listing.counts, agent.id)
        return {"tab": tab, "rows": rows[:ROWS], "more": len(rows) > ROWS, "counts": counts, "now": self._store.now()}

    @for_agents
    async def conversation(self, request: Request, agent: Account) -> Any:
        found = await self._store.read(listing.detail, id_of(request))
        inbox = found["conversation"]["inbox"]
        carried = files.carried(self._ground, inbox, found["conversation"]["public"])
        return {
            **found,
            **carried,
            "aside": public.allowed(self._ground, found, self._store.now()),
            "letters": self._ground.letters(inbox),
            "speaks": self._ground.speaks(inbox),
            "most": self._most(inbox),
            "public_most": self._ground.public_most(inbox),
            "public_measure": self._ground.public_measure(inbox),
            **await callers.numbers(self._ground, found["conversation"]),
            "answer": await letters.answer(self._ground, found["conversation"], agent),
            "now": self._store.now(),
        }

    def _most(self, inbox: str) -> int:
        return MOST_LETTER if self._ground.letters(inbox) else MOST_TEXT

    @for_agents
    async def events(self, request: Request, agent: Account) -> Any:
        conversation_id = id_of(request)
        await self._store.read(listing.row, conversation_id)
        if "before" in request.query_params:
            before = _cursor(request.query_params["before"])
            return _page(await self._store.read(store_log.desk_earlier, conversation_id, before=before, limit=EVENTS))
        after = _cursor(request.query_params.get("after", "0"))
        limit = 500 if after else EVENTS
        return _page(await self._store.read(store_log.desk_events, conversation_id, after=after, limit=limit))

    @for_agents
    async def why(self, request: Request, agent: Account) -> Any:
        """Why the bot said the message at `seq`, in the words of ?lang=."""
        found = await self._store.read(why, id_of(request), id_of(request, "seq"))
        told = explain(found, explaining(wanted(request)))
        at = found["message"]["at"]
        return {**asdict(told), "at": at, "seq": found["asked"]["seq"] if found["asked"] else None}

    @for_agents
    async def judged(self, request: Request, agent: Account) -> Any:
        """Why the conversation is held to be what it is: the message that decided, explained."""
        seq = await self._store.read(corrections.decisive, id_of(request))
        words = explaining(wanted(request))
        if seq is None:
            return {**asdict(Explained(words["why.corrected"])), "at": None, "seq": None}
        found = await self._store.read(why, id_of(request), seq)
        return {**asdict(explain(found, words)), "at": found["message"]["at"], "seq": seq}

    @for_agents
    async def judge(self, request: Request, agent: Account) -> Any:
        """What the conversation is really about, in the agent's judgement."""
        body = await json_body(request)
        category, tier = body.get("category"), body.get("tier") or ""
        if category not in judging.CATEGORIES or (tier in judging.TIERS) != (category == judging.COMPLAINT):
            raise RefusedError("bad_judgement", "A category is needed and, for a complaint, its tier.", 422)
        changed = await self._store.write(
            corrections.correct, id_of(request), agent.id, category=category, tier=tier, seq=_number(body, "seq")
        )  # fmt: skip
        return await self.done(changed)

    @for_agents
    async def claim(self, request: Request, agent: Account) -> Any:
        return await self.done(await self._store.write(desk.claim, id_of(request), agent.id))

    @for_agents
    async def resolve(self, request: Request, agent: Account) -> Any:
        return await self.done(await self._store.write(desk.resolve, id_of(request), agent.id))

    @for_agents
    async def give_back(self, request: Request, agent: Account) -> Any:
        return await self.done(await self._store.write(desk.return_to_bot, id_of(request), agent.id))

    @for_agents
    async def read(self, request: Request, agent: Account) -> Any:
        upto = _number(await json_body(request), "upto")
        return await self.done(await self._store.write(desk.read, id_of(request), agent.id, upto=upto or 0))

    @for_agents
    async def reply(self, request: Request, agent: Account) -> Any:
        body = await json_body(request)
        keys = files.keys(body)
        found = await self._store.read(listing.row, id_of(request))
        if not self._ground.speaks(found["inbox"]):
            raise RefusedError("silent", "Nothing can be sent there: ring the customer, and log the call.", 422)
        private = public.aside(body, found)
        cid = cid_of(body)
        text = _text(body, needed=not keys, most=self._most(found["inbox"]))
        if found["public"] and not private:
            public.fits(self._ground, found["inbox"], text)
        seen = _number(body, "seen")
        pull = self._ground.pull(found["inbox"])
        kept = await self._store.read(media.of_conversation, found["id"], keys) if keys else []
        attached = [
            files.attachment(self._ground, found["inbox"], one, public=found["public"] and not private) for one in kept
        ]
        changed = await self._store.write(
            desk.reply, found["id"], agent.id, cid=cid, text=text, seen=seen, pull=pull, attachments=attached,
            private=private,
        )  # fmt: skip
        return await self.done(changed)

    @for_agents
    async def note(self, request: Request, agent: Account) -> Any:
        body = await json_body(request)
        changed = await self._store.write(desk.note, id_of(request), agent.id, cid=cid_of(body), text=_text(body))
        return await self.done(changed)

    @for_agents
    async def check(self, request: Request, agent: Account) -> Any:
        """What in a draft should be said otherwise. Only advice: nothing is kept, and sending does not ask."""
        found = await self._store.read(listing.row, id_of(request))
        body = await json_body(request)
        text = _text(body, needed=False, most=self._most(found["inbox"]))
        if self._ground.etiquette is None:
            return {"findings": []}
        wordings = self._ground.etiquette.wordings(text, found["language"], grave=bool(found["tier"]),
            public=found["public"] and not public.aside(body, found),
        )  # fmt: skip
        return {"findings": [asdict(wording) for wording in wordings]}

    @for_agents
    async def upload(self, request: Request, agent: Account) -> Any:
        """A file for a reply: the raw body. It is sent when a reply names its key."""
        found = await self._store.read(listing.row, id_of(request))
        return await files.upload(self._ground, found, request)

    @for_agents
    async def media(self, request: Request, agent: Account) -> Any:
        return await files.download(self._ground, request.path_params["key"])

    @for_agents
    async def letter(self, request: Request, agent: Account) -> Any:
        """The whole text of a letter, with what it quotes."""
        found = await self._store.read(store_letters.one, id_of(request, "message"))
        return {"text": found.text}

    @for_agents
    async def letter_page(self, request: Request, agent: Account) -> Any:
        """Its HTML, for a frame. ?images=1: with those of other servers."""
        found = await self._store.read(store_letters.one, id_of(request, "message"))
        if not found.html:
            raise NotFoundError("this letter has no HTML that can be shown")
        return letters.page(found, wanted(request), images=request.query_params.get("images") == "1")

    @for_agents
    async def retry(self, request: Request, agent: Account) -> Any:
        return await self.done(await self._store.write(desk.retry, id_of(request, "message"), agent.id))

    async def done(self, changed: Changed) -> dict[str, Any]:
        """Tell everybody, wake whoever has to act on it, and answer with the state that came of it."""
        self._ground.live.changed(changed.conversation_id)
        if changed.beside is not None:
            self._ground.live.changed(changed.beside)
        for happened in changed.events:
            if happened.t == "status":
                self._ground.ring_turn()
            if happened.d.get("delivery") == "queued":
                self._ground.ring_delivery()
        row = await self._store.read(listing.row, changed.conversation_id)
        return {"seq": changed.seq, "events": [event(e) for e in changed.events], "row": row}


def _page(page: Page) -> dict[str, Any]:
    return {
        "events": [event(e) for e in page.events],
        "earlier": page.earlier,
        "reset": page.reset,
        "seq": page.seq,
    }


def id_of(request: Request, name: str = "id") -> int:
    number: int = request.path_params[name]
    if number > MOST_ID:
        raise NotFoundError("there is nothing with that number")
    return number


def _cursor(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MOST_ID:
        raise RefusedError("bad_cursor", "A cursor is a whole number, as the events have it.")
    return int(text)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError("bad_cursor", "`before` is a time, as the rows have it.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def json_body(request: Request) -> Mapping[str, Any]:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BODY:
            raise RefusedError("too_large", "That is too much for one request.", 413)
    try:
        body = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise RefusedError("bad_json", "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise RefusedError("bad_json", "The body must be an object.")
    return body


def _text(body: Mapping[str, Any], *, needed: bool = True, most: int = MOST_TEXT) -> str:
    text = body.get("text", None if needed else "")
    if not isinstance(text, str):
        raise RefusedError("bad_text", "`text` must be a string.")
    text = text.replace("\0", "").strip()
    if not text and needed:
        raise RefusedError("empty", "There is nothing to send.", 422)
    if len(text) > most:
        raise RefusedError("too_long", f"At most {most} characters fit into one message.", 422)
    return text


def cid_of(body: Mapping[str, Any]) -> str:
    cid = body.get("cid")
    if not isinstance(cid, str) or not 8 <= len(cid) <= 64 or not cid.isascii() or not cid.isprintable():
        raise RefusedError("bad_cid", "`cid` must be 8 to 64 printable ASCII characters, new for every message.")
    return cid


def _number(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_ID:
        raise RefusedError("bad_number", f"`{name}` must be a whole number.")
    return value
