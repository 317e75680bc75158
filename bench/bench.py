"""One run: its server, its limits, and what its parts need."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from app.core.context import Context
from bench.figures import Figure, Limits
from bench.hall import Hall, Stage, open_hall
from bench.plan import Plan
from bench.postgres import PostgreSQL
from bench.site import Site


@dataclass
class Bench:
    """`template` is a database to clone, `papers` those in it. `faults` are what must not be: they fail the run."""

    plan: Plan
    postgres: PostgreSQL
    template: str
    papers: Sequence[UUID]
    limits: Limits
    tell: Callable[[str], None]
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def site(self, name: str) -> Iterator[Site]:
        """A site of its own, with standard, bank and papers and without people."""
        with self.postgres.database(f"bench_{name}", self.template) as database:
            yield Site(self.postgres, database)

    def hall(self, site: Site, candidates: int, stage: Stage, grace: timedelta = timedelta(seconds=10)) -> Hall:
        async def open_(context: Context) -> Hall:
            return await open_hall(context, self.papers, candidates, stage, grace)

        hall = site.run(open_)
        self.postgres.fetch(site.database, "VACUUM ANALYZE")
        return hall

    def expect(self, what: str, found: float, wanted: float) -> None:
        """Remembers a fault when they differ."""
        if found != wanted:
            self.faults.append(f"{what}: {found:g}, expected {wanted:g}")

    def beside_limits(self, figure: Figure) -> Figure:
        return self.limits.beside(figure)
