"""history by quarters"""

from itertools import islice

import sqlalchemy as sa

from alembic import op
from app.core.partitions import SCHEMA, quarters_after

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = "PRIMARY KEY (sitting_id, attempt_id, sequence, number)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # What is there becomes the first part as it is, with all that is made until the next quarter begins.
    now = op.get_bind().execute(sa.text("SELECT now()")).scalar_one()
    (following,) = islice(quarters_after(now), 1)
    op.execute(f"CREATE SCHEMA {SCHEMA}")
    op.execute("ALTER TABLE response_history RENAME TO first")
    op.execute("ALTER TABLE first RENAME CONSTRAINT pk_response_history TO pk_first")
    op.execute(f"ALTER TABLE first SET SCHEMA {SCHEMA}")
    op.execute(
        f"CREATE TABLE response_history (LIKE {SCHEMA}.first, CONSTRAINT pk_response_history {KEY}) "
        "PARTITION BY RANGE (sitting_id)"
    )
    op.execute(
        f"ALTER TABLE response_history ATTACH PARTITION {SCHEMA}.first "
        f"FOR VALUES FROM (MINVALUE) TO ('{following.first_id}')"
    )
    op.execute(f"CREATE TABLE {SCHEMA}.other PARTITION OF response_history DEFAULT")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"CREATE TABLE {SCHEMA}.whole AS TABLE response_history")
    op.execute("DROP TABLE response_history")
    op.execute(f"CREATE TABLE response_history (LIKE {SCHEMA}.whole, CONSTRAINT pk_response_history {KEY})")
    op.execute(f"INSERT INTO response_history TABLE {SCHEMA}.whole")
    op.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
