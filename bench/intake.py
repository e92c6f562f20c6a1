"""Triggers per second: the raw door with its group commit, beside a plain route with a transaction for each request.

    python -m bench.intake [--requests N] [--senders N] [--tickets N]

Both run in one go on the same PostgreSQL (`BROKER_TEST_DATABASE_URL`, else an embedded one with its ordinary, durable
settings), so that their ratio says something on any machine. The sender shares the machine with what it measures.
"""

import argparse
import asyncio
import multiprocessing
import os
import socket
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text

from app.adapters.postgres.embedded import start_embedded
from app.adapters.postgres.engine import begin, make_engine
from app.adapters.postgres.inbox import PostgresInbox
from app.adapters.postgres.migrate import upgrade
from app.adapters.system.clock import SystemClock
from app.core.intake.tokens import token_hash, tokens_of
from app.core.model.intake import Source
from app.services.intake import Intake, RawTrigger
from app.web.app import create_app

TOKEN = "bench-token"
PATH = "/v1/broker/inbound"


class NoSecrets:
    """The connection of the benchmark has no webhook secret."""

    def seal(self, connection: str, field: str, text: str) -> str:
        raise ValueError(field)

    def open(self, connection: str, field: str, sealed: str) -> str:
        raise ValueError(field)


def raw_app(engine: Any) -> Any:
    """The application as it is served."""
    return create_app(
        inbox=PostgresInbox(engine),
        health=None,  # type: ignore[arg-type]
        sealer=NoSecrets(),
        viewer_token="",
        admin_token="",
        clock=SystemClock(),
        version="bench",
        draining=lambda: False,
    )


def plain_app(engine: Any) -> Any:
    """The same story behind an ordinary route: nothing is remembered, every request commits by itself."""
    app = FastAPI()
    clock = SystemClock()

    @app.post(PATH)
    async def trigger(request: Request) -> Response:
        intake = Intake(PostgresInbox(engine), NoSecrets(), clock)
        query, headers = request.query_params.multi_items(), request.headers.items()
        caller = await intake.identify(tokens_of(query, headers))
        content_type = request.headers.get("content-type", "")
        raw = RawTrigger(Source.CALLOUT, content_type, await request.body(), query, None)
        accepted: Any = await intake.accept(caller, raw)  # type: ignore[arg-type]
        rows = [{"ticket": one.named, "job": str(one.job_id), "state": str(one.merged)} for one in accepted]
        return JSONResponse({"accepted": rows}, 202)

    return app


APPS = {"raw door, group commit": raw_app, "plain route, one commit each": plain_app}


def serve(name: str, url: str, listening: socket.socket) -> None:
    """One server process. Its log lines are made and thrown away."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    config = uvicorn.Config(APPS[name](make_engine(url)), log_level="warning", access_log=False, ws="none")
    uvicorn.Server(config).run(sockets=[listening])


@dataclass(frozen=True)
class Measured:
    """One run: wall time and the latency of each request."""

    seconds: float
    latencies_ms: list[float]

    @property
    def rate(self) -> float:
        return len(self.latencies_ms) / self.seconds

    def line(self, name: str) -> str:
        cuts = statistics.quantiles(self.latencies_ms, n=100)
        return f"{name:<32}{self.rate:>10.0f}{self.seconds:>9.2f}{cuts[49]:>9.1f}{cuts[98]:>9.1f}"


async def send_all(port: int, requests: int, senders: int, tickets: int) -> Measured:
    """Sends the requests over as many kept connections as there are senders."""
    numbers = iter(range(requests))
    latencies_ms: list[float] = []

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            began = time.perf_counter()
            writer.write(request_of(1 + number % tickets))
            await read_accepted(reader)
            latencies_ms.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(senders)))
    return Measured(time.perf_counter() - began, latencies_ms)


def request_of(ticket: int) -> bytes:
    """A webhook's message, of about the size that Autotask sends."""
    fields = '{"Title":"Printer does not print","Status":"1","QueueID":"29683365"}'
    body = (
        f'{{"Action":"Update","Guid":"0f2a","EntityType":"Ticket","Id":{ticket},"Fields":{fields},'
        '"EventTime":"2026-05-27T12:00:00Z","SequenceNumber":17,"PersonID":29682885}'
    )
    head = (
        f"POST {PATH}?client_token={TOKEN} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def read_accepted(reader: asyncio.StreamReader) -> None:
    """One answer; anything but a 202 ends the benchmark."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 202 "):
        raise SystemExit(f"not accepted: {head.decode('latin-1')}")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))


@asynccontextmanager
async def database() -> AsyncIterator[str]:
    """A fresh, migrated database with one connection; dropped afterwards."""
    given = os.environ.get("BROKER_TEST_DATABASE_URL")
    with tempfile.TemporaryDirectory(prefix="broker-bench-") as folder:
        embedded = None if given else await start_embedded(Path(folder))
        server = given or (embedded.url if embedded else "")
        name = f"broker_bench_{uuid.uuid4().hex[:8]}"
        admin = await asyncpg.connect(named(server, "postgres").replace("+asyncpg", "", 1))
        await admin.execute(f"CREATE DATABASE {name}")
        try:
            await prepare(named(server, name))
            yield named(server, name)
        finally:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await admin.close()
            if embedded:
                await embedded.stop()


def named(server: str, name: str) -> str:
    """The URL of another database on the same server."""
    head, mark, tail = server.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + mark + tail


async def prepare(url: str) -> None:
    """Schema, a connection and its token."""
    await upgrade(url)
    engine = make_engine(url)
    async with begin(engine) as sql:
        await sql.execute(text("INSERT INTO accounts (ci, integration_code_hash) VALUES (1, 'bench')"))
        await sql.execute(text("INSERT INTO connections (account_id, name, ci) SELECT id, 'bench', 1 FROM accounts"))
        await sql.execute(
            text("INSERT INTO trigger_tokens (connection_id, token_hash) SELECT id, :hash FROM connections"),
            {"hash": token_hash(TOKEN)},
        )
    await engine.dispose()


async def measure(name: str, url: str, given: argparse.Namespace) -> Measured:
    """One server in a process of its own, warmed up, then measured."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        port = listening.getsockname()[1]
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(name, url, listening))
        process.start()
    try:
        await send_all(port, 200, 8, given.tickets)
        return await send_all(port, given.requests, given.senders, given.tickets)
    finally:
        process.terminate()
        process.join()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=64)
    parser.add_argument("--tickets", type=int, default=10_000, help="different tickets among the requests")
    given = parser.parse_args()
    print(f"{'':<32}{'per s':>10}{'s':>9}{'p50 ms':>9}{'p99 ms':>9}")
    rates = []
    for name in APPS:
        async with database() as url:
            measured = await measure(name, url, given)
        rates.append(measured.rate)
        print(measured.line(name))
    print(f"ratio {rates[0] / rates[1]:.1f}")


if __name__ == "__main__":
    asyncio.run(main())
