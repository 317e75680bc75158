"""Makes the report of what a rehearsal measured and found."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.rehearsal.aftermath import Aftermath
from app.rehearsal.live import Live
from app.rehearsal.measures import Measures
from app.rehearsal.office import Plan
from app.rehearsal.report import Receipts, Report, RoomRate, Saves
from app.rehearsal.room import Watched
from app.rehearsal.times import Times
from app.schemas.results import ResultRead
from app.schemas.sittings import SittingRead


@dataclass(frozen=True)
class Held:
    """A sitting that was held, seen by its officers, proctors and candidates."""

    sitting: SittingRead
    times: Times
    aftermath: Aftermath
    watched: Sequence[Watched]
    live: Live
    results: Sequence[ResultRead]


def summarise(addresses: Sequence[str], plan: Plan, held: Held, measures: Measures) -> Report:
    sitting, aftermath, results = held.sitting, held.aftermath, held.results
    queues = [candidate.client.queue for candidate in aftermath.candidates]
    graded = [result for result in results if result.total is not None]
    lags = [one.sweep_lag.total_seconds() for one in held.watched if one.sweep_lag is not None]
    return Report(
        addresses=addresses,
        sitting_id=sitting.id,
        sitting_name=sitting.name,
        level=sitting.level,
        seed=plan.seed,
        candidates=len(aftermath.candidates),
        window_seconds=held.times.span(1).total_seconds(),
        turns=Counter(candidate.person.turn.value for candidate in aftermath.candidates),
        saves=Saves(
            sent=sum(queue.sent for queue in queues),
            acknowledged=sum(queue.acknowledged for queue in queues),
            refused=sum(queue.refused for queue in queues),
            lost=aftermath.lost,
        ),
        receipts=Receipts(issued=len(aftermath.kept), genuine=aftermath.genuine_receipts),
        handed_in=Counter(str(row.submitted_by or row.state) for row in aftermath.rows.values()),
        sweep_lag_seconds=max(lags, default=None),
        retries=measures.retries,
        errors=dict(measures.errors),
        latencies=measures.latencies(),
        live=held.live,
        rooms=[_rate(room, results) for room in sorted({result.room for result in results})],
        pass_mark=graded[0].pass_mark if graded else None,
        maximum=graded[0].maximum if graded else None,
        scores=sorted(result.total for result in graded if result.total is not None),
        faults=aftermath.faults,
    )


def _rate(room: str, results: Sequence[ResultRead]) -> RoomRate:
    own = [result for result in results if result.room == room]
    graded = [result for result in own if result.total is not None]
    passed = sum(result.passed is True for result in graded)
    return RoomRate(
        room=room,
        candidates=len(own),
        handed_in=len(graded),
        passed=passed,
        pass_rate=passed / len(graded) if graded else None,
    )
