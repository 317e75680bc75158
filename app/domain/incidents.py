"""What becomes of what happened: which repeats are one incident, how grave it is, when it is an alarm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.alarm_rules import MOST_REPEATS, AlarmRule
from app.domain.incident_kinds import CLIENT_KINDS, IncidentKind, IncidentSource, Severity, gravest
from app.domain.states import LEASED, AttemptState

MOST = 1_000_000
"""A count goes no further: whoever sends more adds nothing."""


@dataclass(frozen=True)
class Place:
    """Whose it is: a candidate's, else the room's, else the whole sitting's."""

    sitting_id: UUID
    room_id: UUID | None = None
    attempt_id: UUID | None = None

    @property
    def subject(self) -> UUID:
        return self.attempt_id or self.room_id or self.sitting_id


@dataclass(frozen=True)
class Key:
    """What repeats have in common."""

    place: Place
    kind: IncidentKind
    source: IncidentSource


@dataclass(frozen=True)
class Occurrence:
    """Something that happened, `times` times at once. `severity` stands in place of the rule's."""

    key: Key
    times: int = 1
    details: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None


@dataclass(frozen=True)
class Repeats:
    """The changing part of an incident; `recent` are the last times it happened, as many as its rule counts."""

    severity: Severity
    count: int
    first_at: datetime
    last_at: datetime
    recent: tuple[datetime, ...] = ()


def merges(known: Repeats, rule: AlarmRule, at: datetime) -> bool:
    """Whether what happens at `at` is one more of the open incident."""
    return rule.merge_seconds > 0 and at - known.last_at <= rule.merge


def add(known: Repeats | None, rule: AlarmRule, occurrence: Occurrence, at: datetime) -> Repeats:
    """The incident, new when there is none, with what happened at `at`. It never becomes less grave."""
    kept = 0 if rule.alarm_after is None else rule.alarm_after.count
    grave = occurrence.severity or rule.severity
    before = known or Repeats(grave, 0, at, at)
    times = (*before.recent, *[at] * min(occurrence.times, MOST_REPEATS))
    after = replace(
        before,
        severity=gravest((before.severity, grave)),
        count=min(before.count + occurrence.times, MOST),
        first_at=min(before.first_at, at),
        last_at=max(before.last_at, at),
        recent=tuple(sorted(times)[-kept:]) if kept else (),
    )
    return replace(after, severity=Severity.alarm) if _alarming(after, rule) else after


def _alarming(incident: Repeats, rule: AlarmRule) -> bool:
    if rule.alarm_after is None or len(incident.recent) < rule.alarm_after.count:
        return False
    return incident.recent[-1] - incident.recent[0] <= rule.alarm_after.within


def is_incident(kind: str, state: AttemptState) -> bool:
    """Whether a client's event is one: not before the login and not after the end."""
    return kind in CLIENT_KINDS and state in LEASED


def of_client(place: Place, events: Iterable[tuple[str, datetime]]) -> list[Occurrence]:
    """One occurrence a kind of the client's events (kind and what its clock showed), however many they are."""
    times: dict[IncidentKind, list[datetime]] = {}
    for kind, client_time in events:
        times.setdefault(IncidentKind(kind), []).append(client_time)
    return [
        Occurrence(Key(place, kind, IncidentSource.client), len(shown), {"client_time": max(shown).isoformat()})
        for kind, shown in times.items()
    ]


def of_refused_login(code: str, room_named: str | None, room_assigned: str | None) -> IncidentKind | None:
    """What a refusal of a login with the right ticket and identity number means; None when it is no incident."""
    if code == "lease_held":
        return IncidentKind.second_login
    if code != "wrong_seat":
        return None
    return IncidentKind.wrong_seat if room_named in (None, room_assigned) else IncidentKind.wrong_room


def changes(noticed: Iterable[Occurrence], ongoing: Iterable[Key]) -> tuple[list[Occurrence], list[Key]]:
    """Of the conditions noticed now those that have begun, and of those that went on the ones that are over."""
    now = {occurrence.key: occurrence for occurrence in noticed}
    before = set(ongoing)
    return [occurrence for key, occurrence in now.items() if key not in before], sorted(
        before - set(now), key=lambda key: (key.place.subject, key.kind)
    )
