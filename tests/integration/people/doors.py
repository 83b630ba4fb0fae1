"""A staff door around a test house, and a browser that keeps its cookies."""

import re
from collections import defaultdict
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from litestar import Litestar, get
from litestar.types import ControllerRouterHandler

from appliance.domain.personal import Personal
from appliance.http.app import Parts, make_app
from appliance.vault.vault import Vault
from appliance.web import answers, door, me, troubles
from appliance.web.answers import Site, WebRequest
from appliance.web.rendering import Assets, Pages
from appliance.web.shell import Door


class _AnyName(defaultdict[str, str]):
    def __missing__(self, key: str) -> str:
        return key


class _AnyIcon(frozenset[str]):
    def __contains__(self, name: object) -> bool:
        return True


@get("/")
async def first_page(request: WebRequest) -> dict[str, Any]:
    """Stands in for a working page: says who was let in."""
    return {"user": request.user.number, "name": request.user.name}


@cache
def _pages() -> Pages:
    return Pages(Assets(_AnyName(), (), _AnyIcon()), ZoneInfo("Europe/Moscow"))


def site_around(vault: Vault) -> Site:
    async def unlock(kind: str, secret: Personal[str]) -> None:
        vault.unlock_with_code(secret.reveal())

    pages = _pages()
    pages.forget()
    return Site(
        pages=pages,
        door=Door("ООО «Лампа»", "korobka.test", "0"),
        is_sealed=lambda: not vault.is_open,
        unlock=unlock,
        key_file=lambda: False,
    )


@cache
def _kept_app(*more: ControllerRouterHandler) -> Litestar:
    """The door without a box behind it: making it takes longer than most tests."""

    def is_sealed() -> bool:
        return app.state.site.is_sealed()

    parts = Parts(
        handlers=[*door.HANDLERS, *me.HANDLERS, first_page, *more],
        is_sealed=is_sealed,
        sentence=answers.sentence,
        page=troubles.error_page,
    )
    app = make_app("staff", parts)
    return app


def staff_app(vault: Vault, *more: ControllerRouterHandler) -> Litestar:
    """The door, kept in the process and led to the box of this vault."""
    app = _kept_app(*more)
    app.state["site"] = site_around(vault)
    return app


class Browser:
    """Sends what a browser sends: cookies, Sec-Fetch-Site, Origin, the form's token."""

    def __init__(self, app: Any, address: str = "10.0.0.7") -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 5000))
        self.http = httpx.AsyncClient(transport=transport, base_url="https://korobka.test")
        self.csrf = ""

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        answer = await self.http.get(path, **kwargs)
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', answer.text)
        if found:
            self.csrf = found[1]
        return answer

    async def post(
        self, path: str, data: dict[str, str] | None = None, **headers: str
    ) -> httpx.Response:
        sent = {"origin": "https://korobka.test", "sec-fetch-site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(path, data={"csrf": self.csrf, **(data or {})}, headers=sent)

    async def sign_in(self, login: str, password: str) -> httpx.Response:
        await self.get("/login")
        return await self.post("/login", {"login": login, "password": password})
