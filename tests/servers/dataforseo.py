"""A local stand-in for DataForSEO's API: the same paths, answers and errors."""

from __future__ import annotations

import base64
from typing import Any

from aiohttp import web

from tests.servers.web import WebServer

LOGIN, PASSWORD = "desk@agency.example", "canary-api-password"


class DataForSeoServer(WebServer):
    """Knows the backlinks and listed pages a test gives it; wants the one login."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, list[dict[str, Any]]] = {}
        self.listed: list[str] = []
        self.wishes: list[Any] = []
        self.fails = False
        self.page("/v3/appendix/user_data", self._user)
        self.page("/v3/backlinks/backlinks/live", self._backlinks)
        self.page("/v3/serp/google/organic/live/regular", self._search)

    @property
    def base(self) -> str:
        """Where the API is, for the settings."""
        return f"http://127.0.0.1:{self.port}"

    def _user(self, request: web.Request) -> web.Response:
        return self._answer(request, [{"money": {"balance": 12.5}}], 0)

    async def _backlinks(self, request: web.Request) -> web.Response:
        (wish,) = await request.json()
        self.wishes.append(wish)
        items = self.links.get(wish["filters"][0][2], [])
        return self._answer(request, [{"items": items}] if items else [], 0.02)

    async def _search(self, request: web.Request) -> web.Response:
        (wish,) = await request.json()
        self.wishes.append(wish)
        items = [{"type": "organic", "url": url} for url in self.listed]
        return self._answer(request, [{"items": items}], 0.002)

    def _answer(self, request: web.Request, result: list[Any], cost: float) -> web.Response:
        if self.fails:
            return web.Response(status=502, text="Bad gateway")
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        if base64.b64decode(given).decode() != f"{LOGIN}:{PASSWORD}":
            words = "You can not access this resource."
            told = {"status_code": 40100, "status_message": words, "tasks": None}
            return web.json_response(told, status=401)
        task = {"status_code": 20000, "status_message": "Ok.", "cost": cost, "result": result}
        return web.json_response({"status_code": 20000, "cost": cost, "tasks": [task]})
