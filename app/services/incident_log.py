"""Writing down what happened: repeats become one incident, in any number of processes.

Whoever adds to the incidents of a candidate, a room or a sitting first takes that subject's lock, so that a repeat
finds the incident it belongs to, and an acknowledgement stands either before or after it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Integer, bindparam, or_, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.ids import new_id
from app.domain import incidents as rules
from app.domain.actors import Actor, ActorKind
from app.domain.incident_kinds import Severity
from app.domain.incidents import Key, Occurrence, Place, Repeats
from app.models.incident import Incident
from app.services import alarm_rules, audit
from app.services.live.topics import room_changed

LOCKS = 1_001
"""The space of the advisory locks of subjects."""

LOCK = text("SELECT pg_advisory_xact_lock(:space, subject) FROM unnest(:subjects) AS subject").bindparams(
    bindparam("subjects", type_=ARRAY(Integer))
)
RECENT = "recent"
"""The member of an incident's details that holds the last times it happened."""


async def record(
    session: AsyncSession, occurrences: Sequence[Occurrence], actor: Actor, now: datetime
) -> list[Incident]:
    """The incident of each occurrence, new or with one repeat more; as many statements for many as for one.

    What staff report, new ones and those that become an alarm are audited and announced; other repeats are not.
    """
    if not occurrences:
        return []
    await lock(session, {occurrence.key.place.subject for occurrence in occurrences})
    by_sitting = await alarm_rules.of_sittings(session, {one.key.place.sitting_id for one in occurrences})
    open_ones = await _open(session, occurrences)
    found = []
    for occurrence in occurrences:
        key = occurrence.key
        rule = by_sitting[key.place.sitting_id][key.kind]
        incident = open_ones.get(key)
        known = None if incident is None else _repeats_of(incident)
        if incident is None or known is None or not rules.merges(known, rule, now):
            incident, known = _new(key, actor, now), None
            open_ones[key] = incident
        after = rules.add(known, rule, occurrence, now)
        _write(session, incident, after, occurrence)
        if action := _action(known, after, actor):
            _tell(session, incident, action, actor, now)
        found.append(incident)
    await session.flush()
    return found


async def end(session: AsyncSession, incidents: Iterable[Incident], now: datetime) -> None:
    """Conditions that are over: `until` is when the server saw that."""
    for incident in incidents:
        incident.details = incident.details | {"until": now.isoformat()}
        session.add(incident)
        announce(session, incident)


async def lock(session: AsyncSession, subjects: Collection[UUID]) -> None:
    """Holds the incidents of these subjects until the transaction ends; all in one order, so that nobody waits in a
    circle."""
    keys = sorted(int.from_bytes(subject.bytes[-4:], signed=True) for subject in subjects)
    await session.execute(LOCK, {"space": LOCKS, "subjects": keys})


def place_of(incident: Incident) -> Place:
    return Place(incident.sitting_id, incident.room_id, incident.attempt_id)


def key_of(incident: Incident) -> Key:
    return Key(place_of(incident), incident.kind, incident.source)


def announce(session: AsyncSession, incident: Incident) -> None:
    """The whole sitting's are on no room's board."""
    if incident.room_id is not None:
        room_changed(session, incident.sitting_id, incident.room_id)


def audited(
    session: AsyncSession, incident: Incident, action: str, actor: Actor, now: datetime, **details: object
) -> None:
    audit.record(
        session,
        actor,
        f"incident.{action}",
        "incident",
        incident.id,
        at=now,
        sitting_id=incident.sitting_id,
        details=details,
    )


def _action(known: Repeats | None, after: Repeats, actor: Actor) -> str | None:
    if actor.kind is ActorKind.staff:
        return "report"
    if known is None:
        return "open"
    raised = known.severity is not Severity.alarm and after.severity is Severity.alarm
    return "escalate" if raised else None


def _tell(session: AsyncSession, incident: Incident, action: str, actor: Actor, now: datetime) -> None:
    announce(session, incident)
    audited(
        session,
        incident,
        action,
        actor,
        now,
        kind=incident.kind.value,
        source=incident.source.value,
        severity=incident.severity.value,
        count=incident.count,
        room_id=None if incident.room_id is None else str(incident.room_id),
        attempt_id=None if incident.attempt_id is None else str(incident.attempt_id),
    )


async def _open(session: AsyncSession, occurrences: Sequence[Occurrence]) -> dict[Key, Incident]:
    """The newest open incident of each key, read after the lock."""
    places = {occurrence.key.place for occurrence in occurrences}
    whose = or_(
        col(Incident.attempt_id).in_({place.attempt_id for place in places if place.attempt_id}),
        col(Incident.attempt_id).is_(None)
        & col(Incident.room_id).in_({place.room_id for place in places if place.room_id}),
        col(Incident.attempt_id).is_(None) & col(Incident.room_id).is_(None),
    )
    query = (
        select(Incident)
        .where(
            col(Incident.sitting_id).in_({place.sitting_id for place in places}),
            col(Incident.kind).in_({occurrence.key.kind for occurrence in occurrences}),
            col(Incident.acknowledged_at).is_(None),
            whose,
        )
        .order_by(col(Incident.last_at), col(Incident.id))
        .execution_options(populate_existing=True)
    )
    return {key_of(incident): incident for incident in (await session.execute(query)).scalars()}


def _new(key: Key, actor: Actor, now: datetime) -> Incident:
    return Incident(
        id=new_id(),
        sitting_id=key.place.sitting_id,
        room_id=key.place.room_id,
        attempt_id=key.place.attempt_id,
        kind=key.kind,
        source=key.source,
        first_at=now,
        last_at=now,
        details={},
        reported_by=actor.id if actor.kind is ActorKind.staff else None,
    )


def _repeats_of(incident: Incident) -> Repeats:
    recent = tuple(datetime.fromisoformat(time) for time in incident.details.get(RECENT, ()))
    return Repeats(incident.severity, incident.count, incident.first_at, incident.last_at, recent)


def _write(session: AsyncSession, incident: Incident, after: Repeats, occurrence: Occurrence) -> None:
    incident.severity = after.severity
    incident.count = after.count
    incident.first_at = after.first_at
    incident.last_at = after.last_at
    kept = {name: value for name, value in incident.details.items() if name != "until"}
    recent = {RECENT: [time.isoformat() for time in after.recent]} if after.recent else {}
    incident.details = kept | dict(occurrence.details) | recent
    session.add(incident)
