"""What a crowd is told to do, and what it tells afterwards: JSON between two processes."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """A whole HTTP request."""

    name: str
    request: str


@dataclass(frozen=True)
class Member:
    """One candidate at a bell: the calls one after the other on an own connection to `port`."""

    port: int
    calls: list[Call]


@dataclass(frozen=True)
class Bell:
    """All members begin within `spread` seconds, evenly."""

    members: list[Member]
    spread: float


@dataclass(frozen=True)
class Writer:
    """One candidate who writes; `id` is the attempt's."""

    port: int
    id: str
    token: str


@dataclass(frozen=True)
class Reader:
    """One reader of a room's stream."""

    port: int
    request: str


@dataclass(frozen=True)
class Writing:
    """For `seconds`, writers save one answer each `save_every` seconds and send a heartbeat each `event_every`.

    `answers` are two for each number. Readers follow rooms meanwhile, and `linger` seconds longer.
    """

    writers: list[Writer]
    readers: list[Reader]
    answers: list[list[str]]
    save_every: float
    event_every: float
    seconds: float
    linger: float = 0.0


@dataclass
class Told:
    """`waits` are seconds by call, from the moment it was due to its final answer; `refusals` final answers by status.

    `acked` are saves: (moment, attempt, how many it has saved). `shown` are rows of streams: (reader, moment, attempt,
    answered). `late` is how many seconds after the moment the crowd began.
    """

    began: float = 0.0
    ended: float = 0.0
    late: float = 0.0
    cpu: float = 0.0
    waits: dict[str, list[float]] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    retries: int = 0
    lost: int = 0
    connects: int = 0
    saved: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    acked: list[tuple[float, str, int]] = field(default_factory=list)
    shown: list[tuple[int, float, str, int]] = field(default_factory=list)

    def waited(self, name: str, seconds: float) -> None:
        self.waits.setdefault(name, []).append(seconds)

    def refused(self, status: int) -> None:
        self.refusals[str(status)] = self.refusals.get(str(status), 0) + 1


Scene = Bell | Writing


def scene_of(data: dict[str, Any]) -> Scene:
    """A scene as `dataclasses.asdict` wrote it."""
    if "members" in data:
        members = [Member(one["port"], [Call(**call) for call in one["calls"]]) for one in data["members"]]
        return Bell(members, data["spread"])
    writers = [Writer(**one) for one in data["writers"]]
    readers = [Reader(**one) for one in data["readers"]]
    return Writing(**data | {"writers": writers, "readers": readers})


def http_request(method: str, path: str, token: str | None = None, body: str | None = None, accept: str = "*/*") -> str:
    """An HTTP/1.1 request (RFC 9112) to a server on loopback; `body` is JSON in ASCII."""
    lines = [f"{method} /api/v1{path} HTTP/1.1", "Host: 127.0.0.1", f"Accept: {accept}"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    elif method != "GET":
        lines.append("Content-Length: 0")
    return "\r\n".join([*lines, "", body or ""])
