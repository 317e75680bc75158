"""The audit log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, Security

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.actors import Actor
from app.domain.audit_chain import OUTSIDE
from app.models.audit import AuditCheckpoint, AuditEvent
from app.routers.dependencies import ContextDep, NowDep, PageDep, SessionDep, authorize_staff_apart, staff_with
from app.routers.errors import problems
from app.schemas.audit import ActorNameRead, AuditEventRead, BreakRead, ChainHeadRead, CheckpointRead, VerificationRead
from app.schemas.shared import Instant
from app.schemas.sitting_record import SittingRecordFile
from app.services import audit_log, audit_verification, sitting_record, staff
from app.services.audit_log import Filter, HeadRow

router = APIRouter(tags=["audit"])

READER = staff_with(Scope.audit_read)
SittingId = Annotated[
    UUID | None,
    Query(description=f"只看一个场次；{OUTSIDE} 为不属于场次的事件 One sitting's; the nil UUID: what belongs to none."),
]


@router.get(
    "/audit",
    operation_id="list_audit_events",
    summary="审计记录 Events, those of one sitting in the order of its chain",
    dependencies=[READER],
    responses=problems("invalid_cursor"),
)
async def list_audit_events(
    session: SessionDep,
    page: PageDep,
    sitting_id: SittingId = None,
    subject: Annotated[str | None, Query(max_length=50, examples=["attempt"])] = None,
    subject_id: Annotated[UUID | None, Query()] = None,
    actor_id: Annotated[UUID | None, Query()] = None,
    action: Annotated[str | None, Query(max_length=100, description="开头 How it begins.", examples=["room."])] = None,
    since: Annotated[Instant | None, Query(description="起，含 From then on.")] = None,
    until: Annotated[Instant | None, Query(description="止，不含 Before then.")] = None,
    newest_first: Annotated[bool, Query(description="由新到旧 The newest first.")] = False,
) -> Page[AuditEventRead]:
    sought = Filter(subject, subject_id, actor_id, action, since, until, newest_first)
    if sitting_id is not None:
        sequence = decode_cursor(page.cursor, int)
        events = await audit_log.of_chain(session, sitting_id, sought, after=sequence, limit=page.limit)
        return page_of(events, page.limit, _read, lambda event: event.sequence)
    after = decode_cursor(page.cursor, UUID)
    events = await audit_log.of_all(session, sought, after=after, limit=page.limit)
    return page_of(events, page.limit, _read, lambda event: event.id)


@router.get(
    "/audit/heads",
    operation_id="list_audit_heads",
    summary="审计链头 How far each chain has come, to be noted elsewhere",
    dependencies=[READER],
    responses=problems("invalid_cursor"),
)
async def list_audit_heads(
    session: SessionDep, page: PageDep, context: ContextDep, sitting_id: SittingId = None
) -> Page[ChainHeadRead]:
    after = decode_cursor(page.cursor, UUID)
    rows = await audit_log.heads(session, chain=sitting_id, after=after, limit=page.limit)
    public_key = context.keyring.audit_public_key
    return page_of(rows, page.limit, lambda row: _head(row, public_key), lambda row: row.head.chain)


@router.get(
    "/audit/actors",
    operation_id="list_audit_actors",
    summary="操作人姓名 The names of all staff accounts, for `actor_id` of events",
    dependencies=[READER],
)
async def list_audit_actors(session: SessionDep) -> list[ActorNameRead]:
    return [ActorNameRead(id=staff_id, name=name) for staff_id, name in await staff.names(session)]


@router.get(
    "/audit/verification",
    operation_id="verify_audit_log",
    summary="校验审计链 Walk the chains, or one sitting's, and name the first broken link of each",
    dependencies=[Security(authorize_staff_apart, scopes=[Scope.audit_read.value])],
)
async def verify_audit_log(context: ContextDep, sitting_id: SittingId = None) -> VerificationRead:
    """Reads all events: minutes for millions. As `kaochang audit verify`, without heads noted elsewhere."""
    found = await audit_verification.verify(context.database, context.keyring.audit_public_key, sitting_id)
    return VerificationRead(
        chains=found.chains,
        events=found.events,
        breaks=[
            BreakRead(sitting_id=_sitting(one.chain), sequence=one.sequence, fault=one.fault) for one in found.breaks
        ],
        alterable=list(found.alterable),
    )


@router.get(
    "/sittings/{sitting_id}/record",
    operation_id="export_sitting_record",
    summary="导出场次档案 A sitting's events, receipts and results as one signed file; the export is recorded",
    response_class=Response,
    responses=problems("not_found") | {200: {"model": SittingRecordFile}},
)
async def export_sitting_record(
    sitting_id: UUID, actor: Annotated[Actor, READER], session: SessionDep, context: ContextDep, now: NowDep
) -> Response:
    content = await sitting_record.export(session, context.keyring, sitting_id, actor, now)
    disposition = {"Content-Disposition": f'attachment; filename="sitting-{sitting_id}.json"'}
    return Response(content, media_type="application/json", headers=disposition)


def _read(event: AuditEvent) -> AuditEventRead:
    hashes = {"previous_hash": event.previous_hash.hex(), "hash": event.hash.hex()}
    return AuditEventRead.model_validate(event.model_dump(exclude={"chain", "previous_hash", "hash"}) | hashes)


def _head(row: HeadRow, public_key: str) -> ChainHeadRead:
    return ChainHeadRead(
        sitting_id=_sitting(row.head.chain),
        sequence=row.head.sequence,
        hash=row.head.hash.hex(),
        checkpoint=None if row.checkpoint is None else _checkpoint(row.checkpoint),
        public_key=public_key,
    )


def _checkpoint(checkpoint: AuditCheckpoint) -> CheckpointRead:
    return CheckpointRead(
        sequence=checkpoint.sequence,
        hash=checkpoint.hash.hex(),
        at=checkpoint.at,
        signature=checkpoint.signature,
    )


def _sitting(chain: UUID) -> UUID | None:
    return None if chain == OUTSIDE else chain
