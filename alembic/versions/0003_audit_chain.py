"""audit chain"""

import hashlib
import json
from datetime import UTC
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OUTSIDE = UUID(int=0)
BATCH = 1000

EVENTS = sa.text("""
SELECT id, sitting_id, at, actor_kind, actor_id, action, subject, subject_id, details, request_id
FROM audit_event WHERE chain = :chain AND id > :after ORDER BY id LIMIT :limit
""").columns(details=postgresql.JSONB())
LINK = sa.text(
    "UPDATE audit_event SET sequence = :sequence, previous_hash = :previous_hash, hash = :hash WHERE id = :id"
)
HEAD = sa.text("INSERT INTO audit_head (chain, sequence, hash) VALUES (:chain, :sequence, :hash)")


APPEND = """
CREATE FUNCTION append_audit_batch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    appended bigint;
BEGIN
    INSERT INTO audit_head (chain, sequence, hash)
    SELECT chain, 0, decode(repeat('00', 32), 'hex') FROM unnest(NEW.chains) AS chain
    WHERE NOT EXISTS (SELECT FROM audit_head AS known WHERE known.chain = chain.chain)
    ORDER BY chain
    ON CONFLICT DO NOTHING;

    WITH RECURSIVE
    given AS (
        SELECT * FROM jsonb_to_recordset(NEW.events) AS event(
            chain uuid, step bigint, id uuid, sitting_id uuid, at timestamptz, actor_kind text, actor_id uuid,
            action text, subject text, subject_id uuid, details jsonb, request_id text
        )
    ),
    digests AS (SELECT * FROM unnest(NEW.chains, NEW.digests) AS of(chain, digests)),
    head AS (
        SELECT chain, sequence, hash FROM audit_head WHERE chain = ANY (NEW.chains) ORDER BY chain FOR NO KEY UPDATE
    ),
    link AS (
        SELECT chain, CAST(0 AS bigint) AS step, sequence, CAST(NULL AS bytea) AS previous_hash, hash FROM head
        UNION ALL
        SELECT chain, step + 1, sequence + 1, hash,
            sha256(hash || int8send(sequence + 1) || substr(digests, CAST(32 * step AS int) + 1, 32))
        FROM link JOIN digests USING (chain)
        WHERE 32 * step < length(digests)
    ),
    written AS (
        INSERT INTO audit_event (
            chain, sequence, id, sitting_id, at, actor_kind, actor_id, action, subject, subject_id, details,
            request_id, previous_hash, hash
        )
        SELECT chain, sequence, id, sitting_id, at, actor_kind, actor_id, action, subject, subject_id, details,
            request_id, previous_hash, hash
        FROM link JOIN given USING (chain, step)
        RETURNING chain
    ),
    moved AS (
        UPDATE audit_head SET sequence = last.sequence, hash = last.hash
        FROM (SELECT DISTINCT ON (chain) chain, sequence, hash FROM link ORDER BY chain, step DESC) AS last
        WHERE audit_head.chain = last.chain
    )
    SELECT count(*) INTO appended FROM written;

    IF appended <> jsonb_array_length(NEW.events) THEN
        RAISE EXCEPTION 'only % of % events reached the audit log', appended, jsonb_array_length(NEW.events);
    END IF;
    DELETE FROM audit_batch WHERE id = NEW.id;
    RETURN NULL;
END
$$
"""
AT_COMMIT = """
CREATE CONSTRAINT TRIGGER append_at_commit AFTER INSERT ON audit_batch
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION append_audit_batch()
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audit_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("events", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chains", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("digests", sa.ARRAY(sa.LargeBinary()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_batch")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "sequence", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
        postgresql_with={"fillfactor": 50},
    )
    for column in (
        sa.Column("chain", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("audit_event", column)
    op.execute(f"UPDATE audit_event SET chain = coalesce(sitting_id, '{OUTSIDE}'::uuid)")  # noqa: S608
    op.drop_index("ix_audit_event_sitting", table_name="audit_event")
    op.create_index("ix_audit_event_chain", "audit_event", ["chain", "id"])
    connection = op.get_bind()
    chains = connection.execute(sa.text("SELECT DISTINCT chain FROM audit_event")).scalars().all()
    for chain in sorted({OUTSIDE, *chains}):
        chain_events(connection, chain)
    op.drop_index("ix_audit_event_chain", table_name="audit_event")
    for column_name in ("chain", "sequence", "previous_hash", "hash"):
        op.alter_column("audit_event", column_name, nullable=False)
    op.drop_constraint(op.f("pk_audit_event"), "audit_event", type_="primary")
    op.create_primary_key(op.f("pk_audit_event"), "audit_event", ["chain", "sequence"])
    op.create_index(op.f("ix_audit_event_id"), "audit_event", ["id"], unique=False)
    op.create_check_constraint(
        op.f("ck_audit_event_chain"), "audit_event", f"chain = coalesce(sitting_id, '{OUTSIDE}'::uuid)"
    )
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_id", "id"], unique=False)
    op.execute(APPEND)
    op.execute(AT_COMMIT)


def chain_events(connection: sa.Connection, chain: UUID) -> None:
    """Links what is there in the order of the identifiers, which is that of writing."""
    sequence, hash_, after = 0, bytes(32), OUTSIDE
    while True:
        values = {"chain": chain, "after": after, "limit": BATCH}
        events = connection.execute(EVENTS, values).mappings().all()
        links = []
        for event in events:
            sequence, previous = sequence + 1, hash_
            hash_ = hashlib.sha256(previous + sequence.to_bytes(8, "big") + content_digest(event)).digest()
            links.append({"id": event["id"], "sequence": sequence, "previous_hash": previous, "hash": hash_})
        if not links:
            break
        connection.execute(LINK, links)
        after = links[-1]["id"]
    connection.execute(HEAD, {"chain": chain, "sequence": sequence, "hash": hash_})


def content_digest(event: sa.RowMapping) -> bytes:
    """As app/domain/audit_chain.py had it at this revision: a migration does not change with the code."""
    content: dict[str, Any] = {name: str(value) if isinstance(value, UUID) else value for name, value in event.items()}
    content["at"] = event["at"].astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_audit_event_actor", table_name="audit_event")
    op.drop_constraint(op.f("ck_audit_event_chain"), "audit_event", type_="check")
    op.drop_index(op.f("ix_audit_event_id"), table_name="audit_event")
    op.drop_constraint(op.f("pk_audit_event"), "audit_event", type_="primary")
    op.create_primary_key(op.f("pk_audit_event"), "audit_event", ["id"])
    for column_name in ("hash", "previous_hash", "sequence", "chain"):
        op.drop_column("audit_event", column_name)
    op.create_index("ix_audit_event_sitting", "audit_event", ["sitting_id", "id"], unique=False)
    op.drop_table("audit_batch")
    op.execute("DROP FUNCTION append_audit_batch()")
    op.drop_table("audit_head")
    op.drop_table("audit_checkpoint")
