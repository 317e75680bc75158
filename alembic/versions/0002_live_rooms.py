"""live rooms"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "evidence",
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_evidence")),
    )
    op.create_table(
        "incident",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('focus_lost', 'full_screen_left', 'copy', 'paste', 'second_login', 'network_lost', 'clock_skew', "
            "'wrong_seat', 'wrong_room', 'staff_below_ratio', 'save_errors', 'sweeper_late', 'misconduct', "
            "'identity_doubt', 'illness', 'device_fault', 'disturbance', 'other')",
            name=op.f("ck_incident_kind"),
        ),
        sa.CheckConstraint("severity IN ('info', 'warning', 'alarm')", name=op.f("ck_incident_severity")),
        sa.CheckConstraint("source IN ('client', 'server', 'proctor')", name=op.f("ck_incident_source")),
        sa.CheckConstraint("count > 0 AND last_at >= first_at", name=op.f("ck_incident_repeats")),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["staff.id"], name=op.f("fk_incident_acknowledged_by_staff")),
        sa.ForeignKeyConstraint(["reported_by"], ["staff.id"], name=op.f("fk_incident_reported_by_staff")),
        sa.ForeignKeyConstraint(
            ["sitting_id", "attempt_id"],
            ["attempt.sitting_id", "attempt.id"],
            name=op.f("fk_incident_sitting_id_attempt_id_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id", "room_id"], ["room.sitting_id", "room.id"], name=op.f("fk_incident_sitting_id_room_id_room")
        ),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_incident_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("sitting_id", "id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_attempt", "incident", ["sitting_id", "attempt_id"], unique=False)
    op.create_index(
        "ix_incident_open",
        "incident",
        ["sitting_id", "room_id"],
        unique=False,
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_index("ix_incident_room", "incident", ["sitting_id", "room_id", "last_at"], unique=False)
    op.create_table(
        "message",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("delivered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('notice', 'command', 'hand')", name=op.f("ck_message_kind")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_message_confirmed_by_staff")),
        sa.ForeignKeyConstraint(["sent_by"], ["staff.id"], name=op.f("fk_message_sent_by_staff")),
        sa.ForeignKeyConstraint(
            ["sitting_id", "attempt_id"],
            ["attempt.sitting_id", "attempt.id"],
            name=op.f("fk_message_sitting_id_attempt_id_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id", "room_id"], ["room.sitting_id", "room.id"], name=op.f("fk_message_sitting_id_room_id_room")
        ),
        sa.PrimaryKeyConstraint("sitting_id", "id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_attempt", "message", ["sitting_id", "attempt_id"], unique=False)
    op.create_index(
        "ix_message_open",
        "message",
        ["sitting_id", "room_id"],
        unique=False,
        postgresql_where=sa.text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "presence",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("skew_ms", sa.Integer(), nullable=True),
        sa.Column("deadline_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sitting_id", "attempt_id"],
            ["attempt.sitting_id", "attempt.id"],
            name=op.f("fk_presence_sitting_id_attempt_id_attempt"),
        ),
        sa.PrimaryKeyConstraint("sitting_id", "attempt_id", name=op.f("pk_presence")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "incident_evidence",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("fk_incident_evidence_added_by_staff")),
        sa.ForeignKeyConstraint(["digest"], ["evidence.digest"], name=op.f("fk_incident_evidence_digest_evidence")),
        sa.ForeignKeyConstraint(
            ["sitting_id", "incident_id"],
            ["incident.sitting_id", "incident.id"],
            name=op.f("fk_incident_evidence_sitting_id_incident_id_incident"),
        ),
        sa.PrimaryKeyConstraint("sitting_id", "incident_id", "digest", name=op.f("pk_incident_evidence")),
    )
    op.create_table(
        "incident_note",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sitting_id", "incident_id"],
            ["incident.sitting_id", "incident.id"],
            name=op.f("fk_incident_note_sitting_id_incident_id_incident"),
        ),
        sa.ForeignKeyConstraint(["written_by"], ["staff.id"], name=op.f("fk_incident_note_written_by_staff")),
        sa.PrimaryKeyConstraint("sitting_id", "id", name=op.f("pk_incident_note")),
    )
    op.create_index("ix_incident_note_incident", "incident_note", ["sitting_id", "incident_id"], unique=False)
    op.add_column("attempt", sa.Column("checked_in_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("attempt", sa.Column("checked_in_by", sa.Uuid(), nullable=True))
    op.add_column("attempt", sa.Column("identity_check", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_attempt_identity_check"),
        "attempt",
        "identity_check IN ('identity_card', 'passport', 'other_document', 'known_by_staff')",
    )
    op.create_foreign_key(op.f("fk_attempt_checked_in_by_staff"), "attempt", "staff", ["checked_in_by"], ["id"])
    op.add_column("interruption", sa.Column("corrected_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("interruption", sa.Column("corrected_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_interruption_corrected_by_staff"), "interruption", "staff", ["corrected_by"], ["id"])
    op.add_column("room_seal", sa.Column("record_digest", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("room_seal", sa.Column("audit_sequence", sa.BigInteger(), nullable=True))
    op.add_column("room_seal", sa.Column("audit_hash", sa.LargeBinary(), nullable=True))
    op.add_column("sitting", sa.Column("alarm_rules", postgresql.JSONB(astext_type=sa.Text()), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("sitting", "alarm_rules")
    op.drop_column("room_seal", "audit_hash")
    op.drop_column("room_seal", "audit_sequence")
    op.drop_column("room_seal", "record_digest")
    op.drop_constraint(op.f("fk_interruption_corrected_by_staff"), "interruption", type_="foreignkey")
    op.drop_column("interruption", "corrected_by")
    op.drop_column("interruption", "corrected_at")
    op.drop_constraint(op.f("fk_attempt_checked_in_by_staff"), "attempt", type_="foreignkey")
    op.drop_constraint(op.f("ck_attempt_identity_check"), "attempt", type_="check")
    op.drop_column("attempt", "identity_check")
    op.drop_column("attempt", "checked_in_by")
    op.drop_column("attempt", "checked_in_at")
    op.drop_index("ix_incident_note_incident", table_name="incident_note")
    op.drop_table("incident_note")
    op.drop_table("incident_evidence")
    op.drop_table("presence")
    op.drop_index(
        "ix_message_open",
        table_name="message",
        postgresql_where=sa.text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.drop_index("ix_message_attempt", table_name="message")
    op.drop_table("message")
    op.drop_index("ix_incident_room", table_name="incident")
    op.drop_index("ix_incident_open", table_name="incident", postgresql_where=sa.text("acknowledged_at IS NULL"))
    op.drop_index("ix_incident_attempt", table_name="incident")
    op.drop_table("incident")
    op.drop_table("evidence")
