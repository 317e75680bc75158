"""What crowds do."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from bench.crowd.plan import Bell, Member, Reader, Told, Writer, Writing, http_request
from bench.crowd.wire import Lost, Stream, Wire

OPENING = 256
"""Connections that are opened at the same time."""

BUSY = frozenset({429, 503})
GIVE_UP = 60.0
"""Seconds that a client tries again while the server is busy."""

WHOLE = "whole"
"""Of `Told.waits`: all calls of a member, from its moment on."""

Play = Callable[[float], Awaitable[None]]


async def gather_bell(bell: Bell, told: Told) -> Play:
    """Opens the connections; what it returns plays the bell at a moment of the loop's clock."""
    wires = [Wire(member.port, told) for member in bell.members]
    await _open(wires)

    async def play(at: float) -> None:
        count = len(bell.members)
        moments = [at + bell.spread * place / count for place in range(count)]
        await asyncio.gather(*(_follow_calls(*one, told) for one in zip(bell.members, wires, moments, strict=True)))
        _close(wires)

    return play


async def gather_writing(writing: Writing, told: Told) -> Play:
    wires = [Wire(writer.port, told) for writer in writing.writers]
    await _open(wires)
    reading = [asyncio.create_task(_read(place, reader, told)) for place, reader in enumerate(writing.readers)]

    async def play(at: float) -> None:
        count = len(writing.writers)
        lines = enumerate(zip(writing.writers, wires, strict=True))
        await asyncio.gather(
            *(_write(writing, writer, wire, at, place / count, told) for place, (writer, wire) in lines)
        )
        await asyncio.sleep(writing.linger)
        for task in reading:
            task.cancel()
        for ended in await asyncio.gather(*reading, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                told.lost += 1
        _close(wires)

    return play


async def _follow_calls(member: Member, wire: Wire, moment: float, told: Told) -> None:
    await _until(moment)
    due = moment
    for call in member.calls:
        answer = await _answered(wire, call.name, call.request.encode(), due, told)
        if answer is None:
            return
        due = _now()
    told.waited(WHOLE, due - moment)


async def _write(writing: Writing, writer: Writer, wire: Wire, at: float, phase: float, told: Told) -> None:
    """Saves and event batches in their rhythm; the phases of the candidates are spread evenly."""
    saves = at + phase * writing.save_every
    events = at + (phase * 7919 % 1) * writing.event_every
    end, sequence = at + writing.seconds, 0
    while (due := min(saves, events)) < end:
        await _until(due)
        if saves <= events:
            request = _save_request(writing, writer, sequence)
            answer = await _answered(wire, "save", request, due, told)
            if answer is not None:
                sequence += 1
                told.saved += answer.count(b'"outcome":"saved"')
                told.acked.append((time.time(), writer.id, sequence))
            saves += writing.save_every
        else:
            request = http_request(
                "POST", "/exam/events", writer.token, f'{{"client_time":"{_client_time()}"}}'
            ).encode()
            await _answered(wire, "event", request, due, told)
            events += writing.event_every


def _save_request(writing: Writing, writer: Writer, sequence: int) -> bytes:
    number = sequence % len(writing.answers)
    answer = writing.answers[number][sequence // len(writing.answers) % 2]
    change = {"number": number + 1, "answer": answer, "sequence": sequence + 1, "client_time": _client_time()}
    return http_request("PUT", "/exam/responses", writer.token, json.dumps({"responses": [change]})).encode()


async def _answered(wire: Wire, name: str, request: bytes, due: float, told: Told) -> bytes | None:
    """The body of the good answer; None when it was refused. While the server is busy it is asked again."""
    while True:
        try:
            status, body = await wire.call(request)
        except (Lost, OSError, TimeoutError):
            told.lost += 1
            return None
        if status in BUSY and _now() - due < GIVE_UP:
            told.retries += 1
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
            continue
        if status >= 300:
            told.refused(status)
            return None
        told.waited(name, _now() - due)
        return body


async def _read(place: int, reader: Reader, told: Told) -> None:
    async for event in Stream.follow(reader.port, reader.request.encode(), told):
        moment = time.time()
        for row in json.loads(event).get("attempts", ()):
            told.shown.append((place, moment, row["id"], row["answered"]))


async def _open(wires: Sequence[Wire]) -> None:
    gate = asyncio.Semaphore(OPENING)

    async def open_one(wire: Wire) -> None:
        async with gate:
            await wire.open()

    await asyncio.gather(*map(open_one, wires))


def _close(wires: Sequence[Wire]) -> None:
    for wire in wires:
        wire.close()


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - _now()))


def _client_time() -> str:
    return datetime.now(UTC).isoformat()
