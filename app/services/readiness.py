"""`ready`: checks a sitting against the standard and freezes it: every entry gets its own attempt and paper."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.canonical import digest
from app.core.ids import new_id
from app.core.problems import FieldError, Problem
from app.domain.actors import Actor
from app.domain.layout import answer_forms, make_layout
from app.domain.papers import PaperContent
from app.domain.readiness import RoomStaffing, SittingPlan, readiness_errors
from app.domain.seating import form_index
from app.domain.states import SITTING_MOVES, SittingCommand, SittingState, move
from app.models.attempt import Attempt, AttemptPaper
from app.models.entry import Entry
from app.models.sitting import Room, Sitting
from app.services import frozen_papers, sittings, standards

SEED_BITS = 48


async def check(session: AsyncSession, sitting: Sitting) -> list[FieldError]:
    """Everything that stands against the sitting's becoming ready, with the clauses of the standard."""
    standard = await standards.by_id(session, sitting.standard_id)
    papers = (await sittings.paper_ids(session, [sitting.id]))[sitting.id]
    counts = await sittings.entry_counts(session, sitting.id)
    proctors = await sittings.proctors_of(session, sitting.id)
    unseated = select(Entry.ticket_number).where(Entry.sitting_id == sitting.id, col(Entry.room_id).is_(None))
    plan = SittingPlan(
        level=sitting.level,
        duration=timedelta(minutes=sitting.duration_minutes),
        paper_ids=papers,
        entries=sum(counts.values()),
        unseated=list((await session.execute(unseated.order_by(col(Entry.ticket_number)))).scalars()),
        rooms=[
            RoomStaffing(room.name, counts.get(room.id, 0), len(proctors.get(room.id, [])))
            for room in await sittings.rooms_of(session, sitting.id)
        ],
    )
    return readiness_errors(standard, plan)


async def make_ready(session: AsyncSession, sitting_id: UUID, actor: Actor, now: datetime) -> Sitting:
    """Raises Problem `sitting_not_ready` (409) with every reason and its clause; then nothing is frozen."""
    sitting = await sittings.lock(session, sitting_id)
    move(SITTING_MOVES, SittingCommand.ready, SittingState(sitting.state))
    errors = await check(session, sitting)
    if errors:
        clause = next((error.clause for error in errors if error.clause is not None), None)
        raise Problem("sitting_not_ready", clause=clause, errors=errors)
    paper_ids = (await sittings.paper_ids(session, [sitting.id]))[sitting.id]
    contents = await frozen_papers.contents(session, set(paper_ids))
    entries = await _entries(session, sitting)
    _freeze(session, sitting, entries, [(paper_id, contents[paper_id]) for paper_id in paper_ids])
    return sittings.write(session, sitting, SittingCommand.ready, actor, now, attempts=len(entries))


def _freeze(
    session: AsyncSession,
    sitting: Sitting,
    entries: Sequence[tuple[Entry, Room]],
    forms: Sequence[tuple[UUID, PaperContent]],
) -> None:
    source = random.SystemRandom()
    for entry, room in entries:
        paper_id, content = forms[form_index(entry.seat_number or 1, room.seats_per_row, len(forms))]
        seed = source.getrandbits(SEED_BITS)
        layout = make_layout(
            content, seed, shuffle_items=sitting.shuffle_items, shuffle_options=sitting.shuffle_options
        )
        attempt = Attempt(
            sitting_id=sitting.id,
            id=new_id(),
            entry_id=entry.id,
            room_id=room.id,
            grace=timedelta(seconds=sitting.grace_seconds),
            answer_forms=answer_forms(content, layout),
        )
        session.add(attempt)
        session.add(
            AttemptPaper(
                sitting_id=sitting.id,
                attempt_id=attempt.id,
                paper_id=paper_id,
                seed=seed,
                layout=layout.to_json(),
                frozen_hash=digest([content.content_hash, layout.to_json()]),
            )
        )


async def _entries(session: AsyncSession, sitting: Sitting) -> list[tuple[Entry, Room]]:
    query = (
        select(Entry, Room)
        .join(Room, (col(Room.sitting_id) == col(Entry.sitting_id)) & (col(Room.id) == col(Entry.room_id)))
        .where(Entry.sitting_id == sitting.id)
        .order_by(col(Entry.id))
    )
    return [(entry, room) for entry, room in (await session.execute(query)).all()]
