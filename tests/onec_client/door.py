"""A door for the exchange alone: HTTP/1.1 over its `Server`, in the loop of a test."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from plugins.exchange_1c import protocol
from plugins.exchange_1c.server import Server

Broken = (asyncio.IncompleteReadError, ConnectionError)


@asynccontextmanager
async def open_door(server: Server) -> AsyncGenerator[tuple[str, int]]:
    """Answer requests with the plugin's server; gives the address."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*Broken):  # a request that came in part was never made
            await _answer(server, reader, writer)
        writer.close()

    async with await asyncio.start_server(served, "127.0.0.1", 0) as door:
        host, port = door.sockets[0].getsockname()
        yield host, port


async def _answer(
    server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("utf-8").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    query = first.split(" ", 1)[1].rsplit(" ", 1)[0].partition("?")[2]
    made = await server.answer(protocol.command(query.encode(), headers, body))
    writer.write(
        f"HTTP/1.1 {made.status} OK\r\nContent-Type: {made.content_type}\r\n"
        f"Content-Length: {len(made.body)}\r\n\r\n".encode()
        + made.body
    )
    await writer.drain()
