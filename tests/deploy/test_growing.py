"""The files for more than one machine: Citus and Patroni, neither of which runs here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlmodel import SQLModel

import app.models  # noqa: F401 -- registers the tables
from app.core.connecting import HOST_TIMEOUT
from app.core.database import Database

DEPLOY = Path(__file__).parents[2] / "deploy"
CITUS = (DEPLOY / "citus" / "distribute.sql").read_text(encoding="utf-8")
REFERENCE = re.findall(r"create_reference_table\('(\w+)'\)", CITUS)
DISTRIBUTED = re.findall(r"create_distributed_table\('(\w+)', '(\w+)'(?:, colocate_with => '(\w+)')?\)", CITUS)
LOCAL = set(re.findall(r"\w+", CITUS.split("Stay on the coordinator:")[1])) & set(SQLModel.metadata.tables)
PATRONI: dict[str, Any] = yaml.safe_load((DEPLOY / "patroni" / "patroni.yml").read_text(encoding="utf-8"))

COLUMN = text("""
SELECT format_type(a.atttypid, NULL) FROM pg_attribute a
WHERE a.attrelid = to_regclass(:table) AND a.attname = :column AND a.attnotnull
""")
KEYS = text("""
SELECT t.relname AS table_name, i.relname AS index_name,
    (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (x.indkey))
        AS columns
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace
""")


def test_every_table_has_its_place_and_one_only() -> None:
    placed = [*REFERENCE, *(table for table, _, _ in DISTRIBUTED), *LOCAL]
    assert sorted(placed) == sorted(SQLModel.metadata.tables)


@pytest.mark.parametrize(("table", "column", "beside"), DISTRIBUTED)
async def test_a_table_is_distributed_by_a_column_that_it_has(
    database: Database, table: str, column: str, beside: str
) -> None:
    assert beside == ("" if table == "sitting" else "sitting")
    async with database.transaction() as session:
        type_ = (await session.execute(COLUMN, {"table": table, "column": column})).scalar_one()
    assert type_ == "uuid", "tables lie together only if their columns are of one type"


async def test_every_unique_index_of_a_distributed_table_has_its_column(database: Database) -> None:
    """Citus refuses any other; what is in the way is taken off first."""
    by = {table: column for table, column, _ in DISTRIBUTED}
    async with database.transaction() as session:
        keys = (await session.execute(KEYS)).all()
    in_the_way = {key.index_name for key in keys if key.table_name in by and by[key.table_name] not in key.columns}
    assert in_the_way == set(re.findall(r"DROP CONSTRAINT (\w+)", CITUS))


def test_foreign_keys_point_where_the_row_is() -> None:
    by = {table: column for table, column, _ in DISTRIBUTED}
    for table in SQLModel.metadata.tables.values():
        for key in table.foreign_key_constraints:
            target = key.referred_table.name
            if target in REFERENCE:
                continue
            assert table.name in by or table.name in LOCAL, f"{table.name} -> {target}"
            if target in by:
                pairs = {(element.parent.name, element.column.name) for element in key.elements}
                assert (by[table.name], by[target]) in pairs, f"{table.name} -> {target}"


def test_tables_are_distributed_after_those_that_they_point_to() -> None:
    order = [*REFERENCE, *(table for table, _, _ in DISTRIBUTED)]
    for name in order:
        for key in SQLModel.metadata.tables[name].foreign_key_constraints:
            assert order.index(key.referred_table.name) <= order.index(name), f"{name} -> {key.referred_table.name}"


def test_patroni_acknowledges_nothing_that_one_machine_alone_has() -> None:
    settings = PATRONI["bootstrap"]["dcs"]
    assert settings["synchronous_mode"]
    assert settings["synchronous_mode_strict"]
    assert settings["postgresql"]["parameters"]["synchronous_commit"] == "on"
    assert settings["maximum_lag_on_failover"] == 0


def test_patroni_stops_a_primary_that_is_cut_off_before_another_is_promoted() -> None:
    settings = PATRONI["bootstrap"]["dcs"]
    assert PATRONI["watchdog"]["mode"] == "required"
    assert settings["loop_wait"] + 2 * settings["retry_timeout"] <= settings["ttl"], "Patroni's own rule"
    assert settings["retry_timeout"] >= HOST_TIMEOUT


def test_passwords_are_to_be_filled_in() -> None:
    said = [one["password"] for one in PATRONI["postgresql"]["authentication"].values()]
    assert all(
        re.fullmatch(r"[A-Z_]+", password) for password in (*said, PATRONI["restapi"]["authentication"]["password"])
    )
