"""(i) Growth: saves and bells with more candidates, and with many responses of exams long past."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from bench.bench import Bench
from bench.figures import Figure
from bench.fit import exponent
from bench.hall import Hall, Stage
from bench.parts.bells import GRACE, end_bell, start_bell
from bench.parts.saves import save_point
from bench.plan import Part
from bench.site import Site

CONNECTIONS = 512

PAST_SITTING = 5000
"""Attempts in each sitting of the past."""

PAST_ATTEMPTS = """
INSERT INTO attempt
SELECT (jsonb_populate_record(pattern, jsonb_build_object(
    'sitting_id', past.sitting_id, 'id', uuidv7('-30 days'::interval), 'entry_id', uuidv7('-30 days'::interval),
    'state', 'submitted', 'submitted_at', now() - '30 days'::interval, 'submitted_by', 'candidate',
    'grading_needed', false
))).*
FROM (SELECT uuidv7('-30 days'::interval) AS sitting_id, n FROM generate_series(1, $2) AS n) AS past
CROSS JOIN generate_series(1, $3)
CROSS JOIN attempt AS pattern
WHERE pattern.sitting_id = $1
"""
PAST_RESPONSES = """
INSERT INTO response (sitting_id, attempt_id, number, answer, sequence, client_time, saved_at)
SELECT a.sitting_id, a.id, n, 'B', n, a.submitted_at, a.submitted_at
FROM attempt a CROSS JOIN generate_series(1, $2) AS n
WHERE a.sitting_id <> $1
LIMIT $3
"""
PAST_HISTORY = """
INSERT INTO response_history (sitting_id, attempt_id, sequence, number, answer, epoch, client_time, saved_at)
SELECT sitting_id, attempt_id, sequence, number, answer, 1, client_time, saved_at FROM response
"""
UNCHECKED = "ALTER DATABASE {} SET session_replication_role = replica"
CHECKED = "ALTER DATABASE {} RESET session_replication_role"


class Curve(BaseModel):
    """How a cost grows with `by`, all else (`at`) being equal: it grows as `by` to the power of `exponent`."""

    model_config = ConfigDict(frozen=True)

    what: str
    by: str
    at: str
    sizes: Sequence[int]
    costs: Sequence[float]
    exponent: float | None


def measure(bench: Bench) -> Iterator[Figure]:
    for stored in bench.plan.stored:
        with bench.site(f"growth_{stored}") as site:
            _fill(bench, site, stored)
            for candidates in bench.plan.growth:
                hall = bench.hall(site, candidates, Stage.ready, GRACE)
                for figure in _sat(bench, site, hall):
                    yield figure.model_copy(update={"stored": stored})


def _sat(bench: Bench, site: Site, hall: Hall) -> Iterator[Figure]:
    """One sitting from bell to bell."""
    with site.serving(bench.plan.crowd_processes) as served:
        yield start_bell(bench, site, served, hall, Part.growth)
        yield save_point(bench, site, served, hall, CONNECTIONS, 1, Part.growth)[0]
        yield end_bell(bench, site, served, hall, Part.growth)


def _fill(bench: Bench, site: Site, stored: int) -> None:
    """So many responses, and as many lines of the history, of attempts long past.

    They are written without the checks of foreign keys: their sittings and entries are not there, and nothing asks.
    """
    hall = bench.hall(site, 1, Stage.ready)
    items, fetch, name = len(hall.answers), site.postgres.fetch, site.database
    fetch(name, UNCHECKED.format(name))
    attempts = -(-stored // items)
    each = min(attempts, PAST_SITTING)
    fetch(name, PAST_ATTEMPTS, hall.sitting_id, -(-attempts // each), each)
    fetch(name, PAST_RESPONSES, hall.sitting_id, items, stored)
    fetch(name, PAST_HISTORY)
    fetch(name, CHECKED.format(name))
    fetch(name, "VACUUM ANALYZE")
    fetch(name, "CHECKPOINT")


def curves(figures: Sequence[Figure]) -> list[Curve]:
    """Of the figures of this part: of saves the CPU of one (microseconds), of bells the seconds until all are done."""
    found = []
    grown = [figure for figure in figures if figure.part is Part.growth]
    for what in dict.fromkeys(figure.what for figure in grown):
        own = [figure for figure in grown if figure.what == what]
        for stored in sorted({figure.stored for figure in own}):
            same = [figure for figure in own if figure.stored == stored]
            found.append(_curve(what, "candidates", f"{stored} stored", [one.candidates for one in same], same))
        for candidates in sorted({figure.candidates for figure in own}):
            same = [figure for figure in own if figure.candidates == candidates]
            found.append(_curve(what, "stored", f"{candidates} candidates", [one.stored for one in same], same))
    return [curve for curve in found if curve.exponent is not None]


def _curve(what: str, by: str, at: str, sizes: Sequence[int], figures: Sequence[Figure]) -> Curve:
    costs = [figure.cost if what == "save" else figure.seconds for figure in figures]
    return Curve(what=what, by=by, at=at, sizes=sizes, costs=costs, exponent=exponent(sizes, costs))
