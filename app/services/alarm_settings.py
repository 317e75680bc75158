"""A sitting's own rules for incidents, adjusted while it goes on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.alarm_rules import AlarmRule, rule_errors
from app.domain.states import SittingState
from app.models.sitting import Sitting
from app.services import alarm_rules, audit, sittings


async def replace(
    session: AsyncSession, sitting_id: UUID, own: Sequence[AlarmRule], actor: Actor, now: datetime
) -> Sitting:
    """For what happens from now on; incidents already told stay as they are. In draft they are part of the plan.

    Raises Problem `sitting_frozen` unless the sitting is ready or live, `sitting_refused`.
    """
    sitting = await sittings.lock(session, sitting_id)
    if sitting.state not in (SittingState.ready, SittingState.live):
        raise Problem("sitting_frozen", state=sitting.state)
    if errors := rule_errors(alarm_rules.kinds(), own):
        raise Problem("sitting_refused", errors=errors)
    sitting.alarm_rules = [rule.model_dump(mode="json") for rule in own]
    session.add(sitting)
    details = {"alarm_rules": sitting.alarm_rules}
    audit.record(
        session, actor, "sitting.set_alarm_rules", "sitting", sitting.id, at=now, sitting_id=sitting.id, details=details
    )
    return sitting
