"""How each module speaks: where it puts the key, how it writes a body, what noise it adds."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx


class Refused(Exception):
    """The box answered an error; modules show `errorMsg` and go on or give up."""


@dataclass(frozen=True)
class Dialect:
    """What is peculiar to a module.

    Attributes:
        multipart: a body of parts without file names, else a urlencoded one.
        in_header: the key goes in a header; else in the query of GET and in the body of POST.
        lists: `filter[ids][0]` or, with empty brackets, `filter[ids][]`.
        skips_own: leaves out of the history what its own key did.
        one_page: takes one page of the history a run, and keeps its place only if the feeds of
            orders and of customers both had something.
        names_lines: gives its lines external ids.
        noise: query parameters that nobody asked for.
    """

    name: str
    code: str
    multipart: bool = True
    in_header: bool = False
    indexed: bool = True
    skips_own: bool = True
    one_page: bool = False
    names_lines: str = ""
    noise: str = ""


DIALECTS = {
    one.name: one
    for one in (
        Dialect("woocommerce", "woocommerce-7c1", multipart=False, names_lines="woocomerce",
                noise="cms_source=WordPress&cms_version=6.5&module_version=5.0.14"),
        Dialect("opencart", "opencart-4b2", skips_own=False, one_page=True,
                noise="cms_source=OpenCart&php_version=8.1"),
        Dialect("prestashop", "prestashop-9d3", names_lines="prestashop",
                noise="cms_source=PrestaShop&module_version=3.6.13"),
        Dialect("bitrix", "bitrix-1e4", names_lines="bitrix", noise="cms_source=Bitrix"),
    )
}  # fmt: skip


class Wire:
    """One module's line to the box."""

    def __init__(self, http: httpx.AsyncClient, key: str, dialect: Dialect) -> None:
        self.http, self.key, self.dialect = http, key, dialect
        self.calls = 0

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Ask; the query as this module writes it."""
        pairs = [f"{name}={quote(str(value))}" for name, value in self._flat(query)]
        if self.dialect.noise:
            pairs.append(self.dialect.noise)
        if not self.dialect.in_header:
            pairs.append(f"apiKey={self.key}")
        return await self._send("GET", f"{path}?{'&'.join(pairs)}")

    def _flat(self, query: dict[str, Any]) -> list[tuple[str, Any]]:
        flat: list[tuple[str, Any]] = []
        for name, value in query.items():
            if isinstance(value, dict):
                for inner, what in value.items():
                    if isinstance(what, list):
                        flat += [
                            (f"{name}[{inner}][{place if self.dialect.indexed else ''}]", one)
                            for place, one in enumerate(what)
                        ]
                    else:
                        flat.append((f"{name}[{inner}]", what))
            else:
                flat.append((name, value))
        return flat

    async def post(self, path: str, **fields: Any) -> dict[str, Any]:
        """Tell; structures as JSON in one field, with everything but ASCII escaped."""
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in fields.items()
        }
        if not self.dialect.in_header:
            texts["apiKey"] = self.key
        if self.dialect.multipart:
            parts = {name: (None, text.encode()) for name, text in texts.items()}
            return await self._send("POST", path, files=parts)
        kind = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
        return await self._send("POST", path, content=urlencode(texts), headers=kind)

    async def _send(self, method: str, path: str, **named: Any) -> dict[str, Any]:
        self.calls += 1
        headers = {**named.pop("headers", {}), "expect": "100-continue"}
        if self.dialect.in_header:
            headers["X-Api-Key"] = self.key
        if method == "GET":
            del headers["expect"]
        full = path if path.startswith("/") else f"/api/v5/{path}"
        answer = await self.http.request(method, full, headers=headers, **named)
        body: dict[str, Any] = answer.json()
        if answer.status_code >= 400 and answer.status_code != 460:
            raise Refused(f"{path}: {body['errorMsg']} {body.get('errors', '')}")
        return body
