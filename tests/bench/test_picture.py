"""The picture of a run; a character without a glyph is a warning, and so an error here."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.figures import Figure
from bench.parts.growth import curves
from bench.picture import draw
from bench.plan import Part
from bench.report import Report
from tests.bench.test_figures import MACHINE, figure

LIMITS = [figure(Part.upserts, calls=10, what="upsert"), figure(Part.bare, calls=10, what="bare")]
OTHERS = [
    figure(Part.saves, calls=5),
    figure(Part.logins, calls=5, what="log in"),
    *(figure(Part.start_bell, calls=5, what=what) for what in ("start", "fetch sealed", "start sealed")),
    figure(Part.end_bell, calls=5, what="end"),
    figure(Part.fan_out, calls=5, what="row on stream"),
    figure(Part.steady, calls=5),
    *(figure(Part.growth, calls=5, candidates=number, stored=10) for number in (500, 2000)),
]


@pytest.mark.parametrize("figures", [LIMITS, [*LIMITS, *OTHERS]], ids=["limits alone", "every part"])
def test_whatever_parts_were_measured_are_drawn(tmp_path: Path, figures: list[Figure]) -> None:
    report = Report(
        at=datetime(2027, 3, 6, tzinfo=UTC),
        plan="quick",
        seconds=100,
        machine=MACHINE,
        postgres={},
        figures=figures,
        curves=curves(figures),
        faults=[],
    )
    draw(tmp_path / "report.png", report)
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
