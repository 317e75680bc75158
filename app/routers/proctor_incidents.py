"""Incidents in a proctor's rooms, and those of a sitting as a whole."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.actors import Actor
from app.domain.incident_kinds import IncidentKind, Severity
from app.domain.pictures import MOST_BYTES
from app.models.incident import Evidence, Incident
from app.routers.dependencies import NowDep, OnceDep, PageDep, PageParams, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.incidents import (
    EvidenceRead,
    IncidentCreate,
    IncidentDetails,
    IncidentKindRead,
    IncidentNoteCreate,
    IncidentNoteRead,
    IncidentRead,
)
from app.services import alarm_rules, evidence, incident_handling, incidents, rooms, sittings
from app.services.incidents import Filters, Position, Seen

router = APIRouter(tags=["proctor"])

READER = staff_with(Scope.sittings_read)
Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the picture.")]

REPORT_PROBLEMS = ("not_found", "room_sealed", "idempotency_key_reused", "database_unavailable")
PICTURE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
PICTURES = {"image/png": PICTURE, "image/jpeg": PICTURE}
FOUND: dict[int | str, dict[str, Any]] = {200: {"description": "The picture.", "content": PICTURES}}


async def get_filters(
    open: Annotated[bool | None, Query(description="true：未确认 Not acknowledged yet.")] = None,
    kind: IncidentKind | None = None,
    severity: Severity | None = None,
    attempt_id: UUID | None = None,
) -> Filters:
    return Filters(open, kind, severity, attempt_id)


FiltersDep = Annotated[Filters, Depends(get_filters)]


async def get_picture(request: Request) -> bytes:
    """The body, of which no more is read than shows that it is too large.

    A route names it first, so that who sends slowly keeps no database connection waiting.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            break
    request.state.body_is_read = True
    return bytes(content)


PictureDep = Annotated[bytes, Depends(get_picture)]


@router.get(
    "/proctor/incident-kinds",
    operation_id="list_incident_kinds",
    summary="异常种类与缺省规则 Kinds of incidents and their default rules",
    dependencies=[staff_with(Scope.standards_read)],
)
async def list_incident_kinds() -> Page[IncidentKindRead]:
    known = [
        IncidentKindRead(kind=kind, zh=known.zh, en=known.en, rule=known.rule)
        for kind, known in alarm_rules.kinds().items()
    ]
    return Page(items=known, next_cursor=None)


@router.post(
    "/proctor/attempts/{attempt_id}/incidents",
    operation_id="report_attempt_incident",
    summary="记录考生异常 Report an incident of one candidate",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*REPORT_PROBLEMS),
)
async def report_attempt_incident(
    attempt_id: UUID, body: IncidentCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> IncidentRead:
    async def run() -> IncidentRead:
        incident = await incident_handling.report_attempt(
            session, actor, attempt_id, body.kind, body.severity, body.note, now
        )
        return await _read(session, incident)

    return await once(actor, IncidentRead, run)


@router.post(
    "/proctor/rooms/{room_id}/incidents",
    operation_id="report_room_incident",
    summary="记录考场异常 Report an incident of the whole room",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*REPORT_PROBLEMS),
)
async def report_room_incident(
    room_id: UUID, body: IncidentCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> IncidentRead:
    async def run() -> IncidentRead:
        incident = await incident_handling.report_room(
            session, actor, room_id, body.kind, body.severity, body.note, now
        )
        return await _read(session, incident)

    return await once(actor, IncidentRead, run)


@router.get(
    "/proctor/rooms/{room_id}/incidents",
    operation_id="list_room_incidents",
    summary="考场异常 Incidents of a room: open ones first, the gravest first, then the newest",
    responses=problems("not_found", "invalid_cursor"),
)
async def list_room_incidents(
    room_id: UUID, actor: Proctor, session: SessionDep, page: PageDep, filters: FiltersDep
) -> Page[IncidentRead]:
    room = await rooms.require_access(session, actor, room_id)
    return await _page(session, room.sitting_id, room.id, filters, page)


@router.get(
    "/sittings/{sitting_id}/incidents",
    operation_id="list_sitting_incidents",
    summary="场次异常 Incidents of a sitting and of all its rooms, in the same order",
    dependencies=[READER],
    responses=problems("not_found", "invalid_cursor"),
)
async def list_sitting_incidents(
    sitting_id: UUID, session: SessionDep, page: PageDep, filters: FiltersDep
) -> Page[IncidentRead]:
    sitting = await sittings.get(session, sitting_id)
    return await _page(session, sitting.id, None, filters, page)


@router.post(
    "/proctor/incidents/{incident_id}/acknowledge",
    operation_id="acknowledge_incident",
    summary="确认异常 Acknowledge; who is first stands, repeats change nothing",
    responses=problems("not_found", "room_sealed"),
)
async def acknowledge_incident(
    incident_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> IncidentRead:
    async def run() -> IncidentRead:
        return await _read(session, await incident_handling.acknowledge(session, actor, incident_id, now))

    return await once(actor, IncidentRead, run)


@router.post(
    "/proctor/incidents/{incident_id}/notes",
    operation_id="add_incident_note",
    summary="补充说明 Add a note",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*REPORT_PROBLEMS),
)
async def add_incident_note(
    incident_id: UUID, body: IncidentNoteCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> IncidentRead:
    async def run() -> IncidentRead:
        return await _read(session, await incident_handling.add_note(session, actor, incident_id, body.text, now))

    return await once(actor, IncidentRead, run)


@router.post(
    "/proctor/incidents/{incident_id}/evidence",
    operation_id="add_incident_evidence",
    summary="添加图片证据 Add a picture: the body is the PNG or JPEG itself, at most 2 MiB",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_found", "room_sealed", "evidence_full", "evidence_too_large", "evidence_not_picture"),
    openapi_extra={"requestBody": {"required": True, "content": PICTURES}},
)
async def add_incident_evidence(
    picture: PictureDep, incident_id: UUID, actor: Proctor, session: SessionDep, now: NowDep
) -> IncidentRead:
    """What it is is told by its content, whatever Content-Type says. The same picture again changes nothing."""
    return await _read(session, await evidence.add(session, actor, incident_id, picture, now))


@router.get(
    "/proctor/incidents/{incident_id}/evidence/{digest}",
    operation_id="get_incident_evidence",
    summary="图片证据 A picture of an incident",
    response_class=Response,
    responses=FOUND | problems("not_found"),
)
async def get_incident_evidence(incident_id: UUID, digest: Digest, actor: Proctor, session: SessionDep) -> Response:
    return _picture(await evidence.get(session, actor, incident_id, digest))


@router.get(
    "/sittings/{sitting_id}/incidents/{incident_id}/evidence/{digest}",
    operation_id="export_incident_evidence",
    summary="导出图片证据 A picture of an incident, for officers, chiefs and auditors; the reading is recorded",
    response_class=Response,
    responses=FOUND | problems("not_found"),
)
async def export_incident_evidence(
    sitting_id: UUID,
    incident_id: UUID,
    digest: Digest,
    actor: Annotated[Actor, READER],
    session: SessionDep,
    now: NowDep,
) -> Response:
    return _picture(await evidence.export(session, actor, sitting_id, incident_id, digest, now))


def _picture(found: Evidence) -> Response:
    name = f"{found.digest[:16]}.{found.media_type.removeprefix('image/')}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(found.content, media_type=found.media_type, headers=headers)


async def _page(
    session: AsyncSession, sitting_id: UUID, room_id: UUID | None, filters: Filters, page: PageParams
) -> Page[IncidentRead]:
    after = decode_cursor(page.cursor, Position.parse)
    found = await incidents.list_(session, sitting_id, room_id, filters, after, page.limit)
    return page_of(
        await incidents.seen(session, found), page.limit, _shape, lambda seen: incidents.position(seen.incident)
    )


async def _read(session: AsyncSession, incident: Incident) -> IncidentRead:
    await session.flush()
    (seen,) = await incidents.seen(session, [incident])
    return _shape(seen)


def _shape(seen: Seen) -> IncidentRead:
    incident, usernames = seen.incident, seen.usernames
    return IncidentRead(
        **incident.model_dump(exclude={"details", "reported_by", "acknowledged_by"}),
        details=IncidentDetails.model_validate(incident.details),
        reported_by=None if incident.reported_by is None else usernames[incident.reported_by],
        acknowledged_by=None if incident.acknowledged_by is None else usernames[incident.acknowledged_by],
        notes=[
            IncidentNoteRead(
                id=note.id, text=note.text, written_by=usernames[note.written_by], written_at=note.written_at
            )
            for note in seen.notes
        ],
        evidence=[
            EvidenceRead(
                digest=added.digest,
                media_type=media_type,
                size=size,
                added_by=usernames[added.added_by],
                added_at=added.added_at,
            )
            for added, media_type, size in seen.evidence
        ],
    )
