"""compact gradings"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COMPACT = """
UPDATE grading_run SET answers = compact.answers, points = compact.points
FROM grading_run AS run CROSS JOIN LATERAL (
    SELECT jsonb_agg(item -> 'answer' ORDER BY CAST(item ->> 'position' AS int)) AS answers,
        jsonb_agg(item -> 'points' ORDER BY CAST(item ->> 'position' AS int)) AS points
    FROM jsonb_array_elements(run.items) AS item
) AS compact
WHERE run.sitting_id = grading_run.sitting_id AND run.id = grading_run.id AND run.items <> '[]'
"""
WHOLE = """
UPDATE grading_run SET items = whole.items
FROM grading_run AS run CROSS JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object(
            'number', placed.number, 'position', placed.position, 'maximum', paper.content #> placed.points,
            'answer', run.answers -> placed.position - 1, 'points', run.points -> placed.position - 1
        ) ORDER BY placed.number
    ) AS items
    FROM attempt_paper AS frozen
    JOIN paper ON paper.id = frozen.paper_id
    CROSS JOIN LATERAL (
        SELECT number, CAST(pair ->> 0 AS int) AS position,
            ARRAY['items', CAST(CAST(pair ->> 0 AS int) - 1 AS text), 'points'] AS points
        FROM jsonb_array_elements(frozen.layout) WITH ORDINALITY AS seen(pair, number)
    ) AS placed
    WHERE frozen.sitting_id = run.sitting_id AND frozen.attempt_id = run.attempt_id
) AS whole
WHERE run.sitting_id = grading_run.sitting_id AND run.id = grading_run.id AND run.items = '[]'
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    empty = sa.text("'[]'")
    for name in ("answers", "points"):
        column = sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default=empty, nullable=False)
        op.add_column("grading_run", column)
    op.alter_column("grading_run", "items", server_default=empty)
    op.execute(COMPACT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(WHOLE)
    op.alter_column("grading_run", "items", server_default=None)
    op.drop_column("grading_run", "points")
    op.drop_column("grading_run", "answers")
