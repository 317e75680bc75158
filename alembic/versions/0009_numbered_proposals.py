"""numbered proposals to terminate"""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("attempt", sa.Column("termination_proposals", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE attempt SET termination_proposals = 1 WHERE termination_proposed_by IS NOT NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("attempt", "termination_proposals")
