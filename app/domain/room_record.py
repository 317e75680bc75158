"""The record of a room (考场记录): which commands it tells, its digest, and whose confirmation of it counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.canonical import digest
from app.core.problems import Problem
from app.domain.states import RoomCommand

VERSION = 1
"""Rises whenever the record's form changes: digests are comparable only within one version.

A later form only adds fields, with defaults, so that a record that was sealed in an earlier one can still be read.
"""

SEALS_NEEDED = 2

ROOM_EVENTS = frozenset(
    {f"room.{command}" for command in RoomCommand if command is not RoomCommand.seal} | {"room.assign_proctors"}
)
"""The commands for the whole room that are told; not its seal, which confirms the record and is no part of it."""

ATTEMPT_EVENTS = frozenset(
    f"attempt.{command}"
    for command in (
        "release",
        "collect",
        "propose_termination",
        "withdraw_termination",
        "terminate",
        "reopen",
        "reverse_absence",
        "correct_interruption",
        "void",
    )
)
"""The commands for one candidate of which no other part of the record tells when, by whom and why."""


def record_digest(record: Any) -> str:
    """SHA-256, hexadecimal, over the canonical JSON of the record as it is answered."""
    return digest(record)


@dataclass(frozen=True)
class Confirmation:
    """A proctor's word that a room's record is right; `digest` is of the record as it was then."""

    staff_id: UUID
    digest: str | None


@dataclass(frozen=True)
class Standing:
    """`confirmed`: how many people stand by the present record; `repeated`: the caller did so before."""

    confirmed: int
    repeated: bool

    @property
    def seals(self) -> bool:
        return self.confirmed >= SEALS_NEEDED and not self.repeated


def confirm(held: Sequence[Confirmation], staff_id: UUID, present: str, named: str | None) -> Standing:
    """What one more confirmation makes of those held; `named` is the digest that the caller has read.

    A confirmation counts as long as the record has the digest that it confirmed, so that all who seal a room confirmed
    the same record. Raises Problem `record_changed` (409) when `named` is not the present record's digest; and when
    none is named although the record has changed since somebody confirmed it.
    """
    outdated = any(one.digest != present for one in held)
    if named != present and (named is not None or outdated):
        raise Problem("record_changed")
    standing = {one.staff_id for one in held if one.digest == present}
    return Standing(len(standing | {staff_id}), staff_id in standing)


def sealed_digest(held: Sequence[Confirmation]) -> str | None:
    """The digest of the record that as many people confirmed as a seal needs, each of whom has one confirmation."""
    counted = Counter(one.digest for one in held if one.digest is not None)
    return next((digest for digest, people in counted.items() if people >= SEALS_NEEDED), None)
