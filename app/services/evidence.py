"""Evidence: pictures kept with incidents, each content stored once."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.pictures import media_type
from app.models.incident import Evidence, Incident, IncidentEvidence
from app.services import audit, incident_handling, incident_log

MOST_PICTURES = 20
"""For one incident."""


async def add(session: AsyncSession, actor: Actor, incident_id: UUID, content: bytes, now: datetime) -> Incident:
    """Adds the picture to the incident; the same one again changes nothing.

    Raises Problem `not_found`, `room_sealed`, `evidence_full` (409), `evidence_too_large` (413), `evidence_not_picture`
    (415).
    """
    incident = await incident_handling.changeable(session, actor, incident_id)
    kind = media_type(content)
    digest = hashlib.sha256(content).hexdigest()
    kept = select(IncidentEvidence.digest).where(
        IncidentEvidence.sitting_id == incident.sitting_id, IncidentEvidence.incident_id == incident.id
    )
    digests = set((await session.execute(kept)).scalars())
    if digest in digests:
        return incident
    if len(digests) >= MOST_PICTURES:
        raise Problem("evidence_full", most=MOST_PICTURES)
    stored = insert(Evidence).values(digest=digest, media_type=kind, size=len(content), content=content)
    await session.execute(stored.on_conflict_do_nothing())
    session.add(
        IncidentEvidence(
            sitting_id=incident.sitting_id,
            incident_id=incident.id,
            digest=digest,
            added_by=actor.account(),
            added_at=now,
        )
    )
    incident_log.audited(session, incident, "add_evidence", actor, now, digest=digest)
    return incident


async def get(session: AsyncSession, actor: Actor, incident_id: UUID, digest: str) -> Evidence:
    """Raises Problem `not_found`, also for a picture of another incident."""
    incident = await incident_handling.visible(session, actor, incident_id)
    return await _of(session, incident.sitting_id, incident.id, digest)


async def export(
    session: AsyncSession, actor: Actor, sitting_id: UUID, incident_id: UUID, digest: str, now: datetime
) -> Evidence:
    """For who reads the sitting and acts in none of its rooms; recorded. Raises Problem `not_found`."""
    found = await _of(session, sitting_id, incident_id, digest)
    audit.record(
        session,
        actor,
        "incident.export_evidence",
        "incident",
        incident_id,
        at=now,
        sitting_id=sitting_id,
        details={"digest": digest},
    )
    return found


async def _of(session: AsyncSession, sitting_id: UUID, incident_id: UUID, digest: str) -> Evidence:
    query = (
        select(Evidence)
        .join(IncidentEvidence, col(IncidentEvidence.digest) == col(Evidence.digest))
        .where(
            IncidentEvidence.sitting_id == sitting_id,
            IncidentEvidence.incident_id == incident_id,
            IncidentEvidence.digest == digest,
        )
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise Problem("not_found", what=digest)
    return found
