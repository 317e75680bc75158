"""The hash chain of the audit log: what is hashed, how links follow each other, and what breaks them.

There is one chain per sitting, and one, `OUTSIDE`, for what belongs to none. The events of a chain are numbered from 1
without gaps. A link holds the hash before it, and its own: the SHA-256 over that hash, the sequence as eight bytes
(big-endian) and the SHA-256 of the event's canonical JSON.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.core.canonical import canonical_json
from app.core.keyring import verify_signature
from app.domain.actors import Actor

OUTSIDE = UUID(int=0)
"""The chain of the events that belong to no sitting."""

Content = Mapping[str, Any]
"""An event as JSON, which is what is hashed: identifiers as text, the time in UTC to the microsecond."""


@dataclass(frozen=True)
class Head:
    """How far a chain has come: the last sequence and its hash (32 bytes)."""

    sequence: int
    hash: bytes


START = Head(0, bytes(32))
"""Of a chain without events."""


@dataclass(frozen=True)
class Link:
    sequence: int
    previous_hash: bytes
    hash: bytes
    content: Content


@dataclass(frozen=True)
class Checkpoint:
    """A head that the service signed: Ed25519 (RFC 8032), base64, over `signed_content`.

    `at` is text as `instant` writes it.
    """

    chain: UUID
    head: Head
    at: str
    signature: str

    def is_signed_by(self, public_key: str) -> bool:
        return verify_signature(public_key, signed_content(self.chain, self.head, self.at), self.signature)


class Fault(StrEnum):
    """Why a chain cannot be trusted from a sequence on."""

    altered = "altered"
    missing = "missing"
    wrong_previous = "wrong_previous"
    wrong_chain = "wrong_chain"
    truncated = "truncated"
    head_differs = "head_differs"
    checkpoint_differs = "checkpoint_differs"
    checkpoint_forged = "checkpoint_forged"
    seal_differs = "seal_differs"
    noted_differs = "noted_differs"


@dataclass(frozen=True)
class Break:
    """The first broken link of a chain."""

    chain: UUID
    sequence: int
    fault: Fault


def event_content(
    *,
    id: UUID,
    sitting_id: UUID | None,
    at: datetime,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: UUID | None,
    details: Mapping[str, Any],
    request_id: str | None,
) -> Content:
    """Raises ValueError when `details` hold a fraction: the database need not give it back as it was given."""
    if has_fraction(details):
        raise ValueError(f"details of {action}: write numbers with a fraction as text")
    return {
        "id": str(id),
        "sitting_id": _text(sitting_id),
        "at": instant(at),
        "actor_kind": actor.kind.value,
        "actor_id": _text(actor.id),
        "action": action,
        "subject": subject,
        "subject_id": _text(subject_id),
        "details": dict(details),
        "request_id": request_id,
    }


def has_fraction(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(has_fraction(member) for member in value.values())
    if isinstance(value, list | tuple):
        return any(has_fraction(member) for member in value)
    return isinstance(value, float)


def chain_of(sitting_id: UUID | None) -> UUID:
    return OUTSIDE if sitting_id is None else sitting_id


def content_digest(content: Content) -> bytes:
    return hashlib.sha256(canonical_json(content)).digest()


def link_hash(previous_hash: bytes, sequence: int, content: Content) -> bytes:
    return hashlib.sha256(previous_hash + sequence.to_bytes(8, "big") + content_digest(content)).digest()


def signed_content(chain: UUID, head: Head, at: str) -> bytes:
    """What a checkpoint's signature is over: canonical JSON."""
    return canonical_json({"chain": str(chain), "sequence": head.sequence, "hash": head.hash.hex(), "at": at})


class ChainWalk:
    """Follows one chain from its start, link by link, up to the first fault.

    `noted` are heads that the chain once had, from copies kept elsewhere.
    """

    def __init__(self, chain: UUID, public_key: str, noted: Iterable[Head] = ()) -> None:
        self.chain = chain
        self.head = START
        self._public_key = public_key
        self._noted: dict[int, set[bytes]] = {}
        for head in noted:
            self._noted.setdefault(head.sequence, set()).add(head.hash)

    def follow(self, link: Link, checkpoint: Checkpoint | None = None) -> Break | None:
        """The next link, and what was signed of it."""
        expected = self.head.sequence + 1
        fault = self._fault(link, expected)
        if fault is not None:
            return self._break(fault, expected)
        self.head = Head(link.sequence, link.hash)
        if checkpoint is not None and not checkpoint.is_signed_by(self._public_key):
            return self._break(Fault.checkpoint_forged, expected)
        if checkpoint is not None and checkpoint.head != self.head:
            return self._break(Fault.checkpoint_differs, expected)
        agrees = self._noted.get(expected, {link.hash}) == {link.hash}
        return None if agrees else self._break(Fault.noted_differs, expected)

    def end(self, head: Head, newest: Checkpoint | None) -> Break | None:
        """After the last link: `head` is what the service goes on from, `newest` the last that was signed."""
        if newest is not None and newest.head.sequence > self.head.sequence:
            genuine = newest.is_signed_by(self._public_key)
            return (
                self._break(Fault.truncated, self.head.sequence + 1)
                if genuine
                else self._break(Fault.checkpoint_forged, newest.head.sequence)
            )
        if max([head.sequence, *self._noted]) > self.head.sequence:
            return self._break(Fault.truncated, self.head.sequence + 1)
        return None if head == self.head else self._break(Fault.head_differs, self.head.sequence)

    def _fault(self, link: Link, expected: int) -> Fault | None:
        if link.sequence != expected:
            return Fault.missing
        if link.previous_hash != self.head.hash:
            return Fault.wrong_previous
        if link.hash != link_hash(link.previous_hash, expected, link.content):
            return Fault.altered
        own = None if self.chain == OUTSIDE else str(self.chain)
        return None if link.content["sitting_id"] == own else Fault.wrong_chain

    def _break(self, fault: Fault, sequence: int) -> Break:
        return Break(self.chain, sequence, fault)


def instant(time: datetime) -> str:
    """RFC 3339 in UTC, always to the microsecond."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
