"""What the server notices by itself: conditions that last, as they are at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.alarm_rules import Rules
from app.domain.incident_kinds import IncidentKind, IncidentSource
from app.domain.incidents import Key, Occurrence, Place
from app.domain.standard import Standard


@dataclass(frozen=True)
class Staffing:
    """Of a room in which candidates are."""

    place: Place
    candidates: int
    proctors: int


@dataclass(frozen=True)
class Client:
    """Of a candidate who is writing; `skew` is the client's clock minus the server's."""

    place: Place
    seen_at: datetime
    skew: timedelta | None


@dataclass(frozen=True)
class Lag:
    """By how much the attempt that should have ended first is late."""

    place: Place
    lag: timedelta


def of_staffing(standard: Standard, room: Staffing) -> list[Occurrence]:
    """Fewer proctors than clause 1.9.3 asks: the exam goes on."""
    needed = standard.proctors_needed(room.candidates)
    if room.proctors >= needed:
        return []
    details = {"needed": needed, "assigned": room.proctors}
    return [_occurrence(room.place, IncidentKind.staff_below_ratio, details)]


def of_client(rules: Rules, client: Client, now: datetime) -> list[Occurrence]:
    """Not heard of for longer than the threshold; a clock that is off by more than it."""
    found = []
    if now - client.seen_at > rules[IncidentKind.network_lost].threshold:
        details: Mapping[str, str | int] = {"seen_at": client.seen_at.isoformat()}
        found.append(_occurrence(client.place, IncidentKind.network_lost, details))
    if client.skew is not None and abs(client.skew) > rules[IncidentKind.clock_skew].threshold:
        details = {"skew_ms": round(client.skew / timedelta(milliseconds=1))}
        found.append(_occurrence(client.place, IncidentKind.clock_skew, details))
    return found


def of_lag(rules: Rules, late: Lag) -> list[Occurrence]:
    if late.lag <= rules[IncidentKind.sweeper_late].threshold:
        return []
    return [_occurrence(late.place, IncidentKind.sweeper_late, {"lag_ms": round(late.lag / timedelta(milliseconds=1))})]


def _occurrence(place: Place, kind: IncidentKind, details: Mapping[str, str | int]) -> Occurrence:
    return Occurrence(Key(place, kind, IncidentSource.server), details=details)
