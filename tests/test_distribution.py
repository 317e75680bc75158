"""The schema could be distributed by sitting: what belongs to one is unique only within it."""

from sqlalchemy import text

from app.core.database import Database

UNIQUE_INDEXES = text("""
SELECT t.relname AS table_name, i.relname AS index_name,
    (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = x.indkey[0]) AS leads
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace
    AND EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname IN ('sitting_id', 'chain') AND a.attnotnull
    )
""")
FOREIGN_KEYS = text("""
SELECT c.conname, t.relname AS table_name, f.relname AS referenced
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_class f ON f.oid = c.confrelid
WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'sitting_id' AND a.attnotnull)
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = f.oid AND a.attname = 'sitting_id' AND a.attnotnull)
    AND NOT EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'sitting_id' AND a.attnum = ANY (c.conkey)
    )
""")


async def test_every_unique_index_of_what_belongs_to_a_sitting_leads_with_it(database: Database) -> None:
    async with database.transaction() as session:
        indexes = (await session.execute(UNIQUE_INDEXES)).all()
    assert {row.table_name for row in indexes} >= {"attempt", "response", "response_history", "presence", "audit_event"}
    assert [row for row in indexes if row.leads not in ("sitting_id", "chain")] == []


async def test_what_belongs_to_a_sitting_points_to_others_of_the_same_sitting_only(database: Database) -> None:
    async with database.transaction() as session:
        assert (await session.execute(FOREIGN_KEYS)).all() == []
