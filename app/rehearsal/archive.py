"""After the sitting: its signed record exported by an auditor, and checked as anyone can check it offline."""

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID

from app.core.paging import Page
from app.rehearsal.staff import StaffMember
from app.schemas.audit import ChainHeadRead
from app.schemas.sitting_record import SittingRecord
from app.services import sitting_record_check


async def archive_faults(auditor: StaffMember, sitting_id: UUID, acts: Mapping[str, int]) -> list[str]:
    """`acts` counts by action what staff did and servers acknowledged: each is one event, and only they are events."""
    heads = f"/audit/heads?sitting_id={sitting_id}"
    [head] = (await auditor.call("audit_heads", "GET", heads, Page[ChainHeadRead])).items
    content = await auditor.fetch("export_record", f"/sittings/{sitting_id}/record")
    found = sitting_record_check.check(content, head.public_key)
    faults = [] if found.ok else ["场次档案未通过验证 The record of the sitting does not verify"]
    return faults + list(act_faults(recorded_acts(found.record), acts))


def recorded_acts(record: SittingRecord) -> Counter[str]:
    """By action; without what a suspended and resumed room did to its candidates."""
    return Counter(str(event.content["action"]) for event in record.events if not _with_room(event.content))


def act_faults(recorded: Mapping[str, int], acts: Mapping[str, int]) -> Iterator[str]:
    for action, count in acts.items():
        if recorded.get(action, 0) != count:
            yield f"审计事件数不符 {action}: {recorded.get(action, 0)} events for {count} acknowledged"


def _with_room(content: Mapping[str, object]) -> bool:
    match content:
        case {"action": "attempt.interrupt", "details": {"with_room": True}}:
            return True
        case {"action": "attempt.resume", "details": {"release_device": _}}:
            return False
        case {"action": "attempt.resume"}:
            return True
    return False
