"""The parts of `response_history`: one a quarter of a year, in which the sitting was made.

Identifiers of sittings are UUIDv7 (RFC 9562, 5.7), whose first 48 bits are the milliseconds since 1970. So a range of
them is a range of time, and the primary key still leads with the sitting. The parts lie in a schema of their own, in
which the service's role has no right: it writes and reads through the whole table alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection, text

SCHEMA = "response_history_parts"
AHEAD = 20
"""Quarters that are made in advance. Later sittings go into the part `other`."""

MAY_MAKE = text("""
SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c
WHERE c.relname = 'response_history' AND c.relnamespace = current_schema()::regnamespace AND c.relkind = 'p'
""")
PARTS = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")


@dataclass(frozen=True)
class Quarter:
    """`number` is 1 to 4; in UTC."""

    year: int
    number: int

    @property
    def name(self) -> str:
        return f"q{self.year}_{self.number}"

    @property
    def after(self) -> "Quarter":
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def first_id(self) -> UUID:
        """No UUIDv7 made in the quarter is less, and none made before is as great."""
        begins_at = datetime(self.year, 3 * self.number - 2, 1, tzinfo=UTC)
        return UUID(int=int(begins_at.timestamp() * 1000) << 80)


def quarter_of(moment: datetime) -> Quarter:
    """Of an aware instant."""
    in_utc = moment.astimezone(UTC)
    return Quarter(in_utc.year, (in_utc.month + 2) // 3)


def quarters_after(moment: datetime) -> Iterator[Quarter]:
    """Those that have not begun, without end."""
    quarter = quarter_of(moment)
    while True:
        quarter = quarter.after
        yield quarter


def make_partitions(connection: Connection) -> None:
    """The next `AHEAD` quarters, as far as they are missing; as another role than the owner's it does nothing.

    A quarter that has begun is not made any more: its rows would have to be moved out of `other`.
    """
    if not connection.execute(MAY_MAKE).scalar():
        return
    now: datetime = connection.execute(text("SELECT now()")).scalar_one()
    there = set(connection.execute(PARTS, {"schema": SCHEMA}).scalars())
    for quarter in islice(quarters_after(now), AHEAD):
        if quarter.name not in there:
            connection.exec_driver_sql(
                f"CREATE TABLE {SCHEMA}.{quarter.name} PARTITION OF response_history "
                f"FOR VALUES FROM ('{quarter.first_id}') TO ('{quarter.after.first_id}')"
            )
