"""Results (成绩) for officers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.states import AttemptState, ResultState
from app.models.attempt import Attempt
from app.models.entry import Candidate, Entry
from app.models.result import GradingRun, Result
from app.models.sitting import Room
from app.services import audit, sittings
from app.services.words import words

START_HEADERS = ("准考证号 Ticket number", "姓名 Name", "考场 Room", "座位号 Seat", "状态 State")
END_HEADERS = ("总分 Total", "是否合格 Passed")


@dataclass(frozen=True)
class ResultRow:
    """One candidate of a sitting; `result` and `run` are None while pending and for who handed nothing in."""

    attempt: Attempt
    entry: Entry
    candidate: Candidate
    room: Room
    result: Result | None
    run: GradingRun | None


async def of_sitting(session: AsyncSession, sitting_id: UUID, *, after: str | None, limit: int) -> list[ResultRow]:
    """By ticket number; up to `limit + 1`, so that the caller sees whether there are more."""
    await sittings.get(session, sitting_id)
    query = (
        select(Attempt, Entry, Candidate, Room)
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .join(Room, (col(Room.sitting_id) == col(Attempt.sitting_id)) & (col(Room.id) == col(Attempt.room_id)))
        .where(Attempt.sitting_id == sitting_id)
        .order_by(col(Entry.ticket_number))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(col(Entry.ticket_number) > after)
    rows = (await session.execute(query)).all()
    graded = await _graded(session, sitting_id, [attempt.id for attempt, *_ in rows])
    return [
        ResultRow(attempt, entry, candidate, room, *graded.get(attempt.id, (None, None)))
        for attempt, entry, candidate, room in rows
    ]


async def confirm(session: AsyncSession, attempt_id: UUID, note: str, actor: Actor, now: datetime) -> ResultRow:
    """An officer has looked at a graded result. Raises Problem `not_found`, `invalid_transition`."""
    query = select(Result).where(Result.attempt_id == attempt_id).with_for_update()
    result = (await session.execute(query)).scalar_one_or_none()
    if result is None:
        raise Problem("not_found", what=str(attempt_id))
    if result.state != ResultState.graded:
        extra = {"command": "confirm", "state": result.state}
        raise Problem("invalid_transition", command="confirm", state=result.state, extra=extra)
    result.state = ResultState.confirmed
    result.confirmed_by = actor.id
    session.add(result)
    audit.record(
        session,
        actor,
        "result.confirm",
        "attempt",
        attempt_id,
        at=now,
        sitting_id=result.sitting_id,
        details={"note": note},
    )
    await session.flush()
    return await _row(session, result)


async def export_xlsx(session: AsyncSession, sitting_id: UUID, actor: Actor, now: datetime) -> bytes:
    """All results of a sitting as a workbook: one row a candidate, the points of each area."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    rows = await of_sitting(session, sitting_id, after=None, limit=100_000)
    audit.record(session, actor, "results.export", "sitting", sitting_id, at=now, sitting_id=sitting_id)
    areas = next(([part["area"] for part in row.run.areas] for row in rows if row.run is not None), [])
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "成绩"
    sheet.append([*START_HEADERS, *areas, *END_HEADERS])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(_cells(row, areas))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cells(row: ResultRow, areas: Sequence[str]) -> list[str | float | int | None]:
    start: list[str | float | int | None] = [
        row.entry.ticket_number,
        _plain(row.candidate.name),
        _plain(row.room.name),
        row.entry.seat_number,
        words("attempt_state")[row.attempt.state][0],
    ]
    if row.run is None or row.attempt.state != AttemptState.submitted:
        return start
    points = {part["area"]: float(part["points"]) for part in row.run.areas}
    return [*start, *(points[area] for area in areas), float(row.run.total), "合格" if row.run.passed else "不合格"]


def _plain(text: str) -> str:
    """Never a formula in a spreadsheet (CWE-1236)."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


async def _graded(
    session: AsyncSession, sitting_id: UUID, attempt_ids: Sequence[UUID]
) -> dict[UUID, tuple[Result, GradingRun]]:
    query = (
        select(Result, GradingRun)
        .join(
            GradingRun,
            (col(GradingRun.sitting_id) == col(Result.sitting_id)) & (col(GradingRun.id) == col(Result.run_id)),
        )
        .where(Result.sitting_id == sitting_id, col(Result.attempt_id).in_(attempt_ids))
    )
    return {result.attempt_id: (result, run) for result, run in (await session.execute(query)).all()}


async def _row(session: AsyncSession, result: Result) -> ResultRow:
    query = (
        select(Attempt, Entry, Candidate, Room)
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .join(Room, (col(Room.sitting_id) == col(Attempt.sitting_id)) & (col(Room.id) == col(Attempt.room_id)))
        .where(Attempt.sitting_id == result.sitting_id, Attempt.id == result.attempt_id)
    )
    attempt, entry, candidate, room = (await session.execute(query)).one()
    run = await session.get_one(GradingRun, (result.sitting_id, result.run_id))
    return ResultRow(attempt, entry, candidate, room, result, run)
