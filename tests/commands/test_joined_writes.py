"""What is written within one turn of the event loop leaves as one piece, in order, and nothing is left behind."""

import asyncio

from app.commands.joined_writes import JoinedWrites


class Recorder(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.events.append(bytes(data))

    def close(self) -> None:
        self.events.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.events


async def test_head_and_body_leave_together() -> None:
    wire = Recorder()
    joined = JoinedWrites(wire)
    joined.write(b"head")
    joined.write(b"body")
    assert wire.events == []
    await asyncio.sleep(0)
    assert wire.events == [b"headbody"]


async def test_what_is_written_later_leaves_later() -> None:
    wire = Recorder()
    joined = JoinedWrites(wire)
    for piece in (b"one", b"two"):
        joined.write(piece)
        await asyncio.sleep(0)
    assert wire.events == [b"one", b"two"]


async def test_closing_sends_first_what_was_written() -> None:
    wire = Recorder()
    joined = JoinedWrites(wire)
    joined.write(b"last words")
    joined.close()
    await asyncio.sleep(0)
    assert wire.events == [b"last words", "closed"]
    assert joined.is_closing()
