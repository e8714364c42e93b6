"""The pages made on the server: logging in and out, a forced new password, and the shell the desk runs in."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.store import agents
from bot.store.agents import Account, Login
from handoff.desk import accounts, words
from handoff.desk.assets import Assets
from handoff.desk.ground import DeskGround
from handoff.desk.sessions import Sessions, address
from handoff.desk.switchboard import Switchboard

HOME = "/desk"
MOST_BODY = 16 * 1024
YEAR = 365 * 24 * 3600

Page = Callable[["Pages", Request, Login], Awaitable[Response]]


def _signed_in(page: Page) -> Callable[[Pages, Request], Awaitable[Response]]:
    @functools.wraps(page)
    async def checked(self: Pages, request: Request) -> Response:
        login = await self._sessions.look(request)
        if login is not None:
            return await page(self, request, login)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/desk/login?next={quote(request.url.path + query)}", 303)

    return checked


class Pages:
    """Everything here works without a script."""

    def __init__(self, ground: DeskGround, sessions: Sessions, assets: Assets, switchboard: Switchboard) -> None:
        self._ground, self._sessions, self._assets, self._switchboard = ground, sessions, assets, switchboard
        self._templates = Environment(
            loader=PackageLoader("handoff.desk"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip

    @_signed_in
    async def desk(self, request: Request, login: Login) -> Response:
        if login.agent.must_change:
            return RedirectResponse("/desk/password", 303)
        if self._assets.missing:
            return self.page(request, "missing.html", 503)
        boot = {"base": self._assets.base, "language": words.wanted(request), "languages": words.LANGUAGES}
        return self.page(request, "shell.html", boot=boot, modules=self._assets.modules)

    async def login_form(self, request: Request) -> Response:
        if await self._sessions.look(request) is not None:
            return RedirectResponse(_next(request.query_params.get("next")), 303)
        return self._login_page(request, next_=_next(request.query_params.get("next")))

    async def login(self, request: Request) -> Response:
        form = await _form(request)
        login, password, next_ = form.get("login", ""), form.get("password", ""), _next(form.get("next"))
        again = functools.partial(self._login_page, request, login=login[:200], next_=next_)
        if not login.strip() or not password:
            return again(error="login.empty", status=400)
        key = agents.login_key(login)
        wait = self._ground.limits.wait(address(request), key)
        if wait:
            page = again(error="login.wait", minutes=-(-wait // 60), status=429)
            page.headers["Retry-After"] = str(wait)
            return page
        agent = await self._check(key, password)
        if agent is None:
            return again(error="login.wrong", status=401)
        self._ground.limits.forget(address(request), key)
        response = RedirectResponse("/desk/password" if agent.must_change else next_, 303)
        await self._sessions.begin(request, agent, response)
        return response

    async def _check(self, login: str, password: str) -> Account | None:
        agent = await self._ground.store.read(agents.find, login)
        known = agent is not None and agent.active
        right = await self._ground.passwords.verify(
            password[: accounts.LONGEST], agent.password_hash if agent and known else None
        )
        return agent if right else None

    @_signed_in
    async def password_form(self, request: Request, login: Login) -> Response:
        return self._password_page(request, login)

    @_signed_in
    async def password(self, request: Request, login: Login) -> Response:
        form = await _form(request)
        old, new = form.get("old", ""), form.get("new", "")
        fault = await self._fault(request, login.agent, old, new, form.get("again", ""))
        if fault:
            return self._password_page(request, login, error=fault, status=400)
        hashed = await self._ground.passwords.hash(new)
        await self._ground.store.write(agents.set_password, login.agent.id, hashed, must_change=False)
        self._switchboard.sign_out(agent_id=login.agent.id)
        response = RedirectResponse(HOME, 303)
        await self._sessions.begin(request, login.agent, response)
        return response

    async def _fault(self, request: Request, agent: Account, old: str, new: str, again: str) -> str | None:
        if self._ground.limits.wait(address(request), f"password:{agent.id}"):
            return "password.wait"
        if not await self._ground.passwords.verify(old[: accounts.LONGEST], agent.password_hash):
            return "password.old_wrong"
        self._ground.limits.forget(address(request), f"password:{agent.id}")
        if new != again:
            return "password.differ"
        return "password.same" if new == old else accounts.fault(new, login=agent.login)

    async def logout(self, request: Request) -> Response:
        response = RedirectResponse("/desk/login", 303)
        ended = await self._sessions.end(request, response)
        if ended is not None:
            self._switchboard.sign_out(digest=ended)
        return response

    def _login_page(
        self, request: Request, *, login: str = "", next_: str = HOME, error: str = "", minutes: int = 0,
        status: int = 200,
    ) -> Response:  # fmt: skip
        return self.page(request, "login.html", status, login=login, next=next_, error=error, minutes=minutes)

    def _password_page(self, request: Request, login: Login, *, error: str = "", status: int = 200) -> Response:
        return self.page(request, "password.html", status, agent=login.agent, error=error, shortest=accounts.SHORTEST)

    def page(self, request: Request, template: str, status: int = 200, /, **values: Any) -> Response:
        """A page in the reader's language."""
        language = words.wanted(request)
        html = self._templates.get_template(template).render(
            t=functools.partial(words.say, language), language=language, languages=words.LANGUAGES,
            base=self._assets.base, path=request.url.path, **values,
        )  # fmt: skip
        response = HTMLResponse(html, status)
        if request.query_params.get("lang") == language:
            response.set_cookie(
                words.COOKIE, language, max_age=YEAR, path="/", samesite="lax", secure=self._ground.secure
            )  # fmt: skip
        return response


def _next(target: str | None) -> str:
    """Where to go after the login: a page of the desk, never another site."""
    if target is None or not (target == HOME or target.startswith((f"{HOME}/", f"{HOME}?"))):
        return HOME
    odd = any(c in target for c in "\\\r\n\t\0") or "//" in target or ".." in target
    return HOME if odd or target.startswith(("/desk/login", "/desk/password", "/desk/assets")) else target


async def _form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in (await fields(request)).items()}


async def fields(request: Request, *, most: int = MOST_BODY, names: int = 20) -> dict[str, list[str]]:
    """The fields of a plain form. No multipart parser stands open to strangers."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return {}
    try:
        found = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=names)
    except ValueError:
        return {}
    return {name: [value.replace("\0", "") for value in values] for name, values in found.items()}
