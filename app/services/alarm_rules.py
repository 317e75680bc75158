"""The shipped rules for incidents, and those of sittings."""

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.domain.alarm_rules import KnownKind, Rules, own_rules, parse_kinds, rules_of
from app.domain.incident_kinds import IncidentKind
from app.models.sitting import Sitting

FILE = Path(__file__).parents[1] / "data" / "alarm_rules.yaml"


@cache
def kinds() -> Mapping[IncidentKind, KnownKind]:
    """Every kind with its names and its default rule."""
    return parse_kinds(FILE.read_text(encoding="utf-8"))


async def of_sittings(session: AsyncSession, sitting_ids: Collection[UUID]) -> dict[UUID, Rules]:
    """The rules that hold in each sitting; one statement."""
    query = select(Sitting.id, Sitting.alarm_rules).where(col(Sitting.id).in_(sitting_ids))
    return {sitting_id: rules_of(kinds(), own_rules(own)) for sitting_id, own in (await session.execute(query)).all()}
