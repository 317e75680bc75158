"""What the service's database role may do: read and add everywhere, change and delete only where its work needs it.

Whoever owns the tables runs the migrations and may do anything; the service connects as another role. So nothing that
gets into the service can rewrite the audit log, an accepted answer, a receipt or a grading.
"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.embedded import StartError

SERVICE_ROLE = "kaochang_service"
"""Of the embedded database, and of docker-compose.yml."""

VERSION_TABLE = "alembic_version"

READ = frozenset({VERSION_TABLE, "audit_event", "audit_head"})
"""Tables that the service only reads: the database itself links what the service adds to `audit_batch`."""

CHANGED = frozenset(
    {
        "attempt",
        "candidate",
        "entry",
        "idempotent_answer",
        "incident",
        "interruption",
        "item",
        "item_version",
        "login_failure",
        "message",
        "presence",
        "refresh_token",
        "response",
        "result",
        "room",
        "room_seal",
        "sitting",
        "staff",
        "standard_edition",
    }
)
"""Tables whose rows the service changes or locks. What stands in none of these sets is only added to."""

DELETED = frozenset(
    {
        "entry",
        "idempotent_answer",
        "login_failure",
        "refresh_token",
        "result",
        "room",
        "room_proctor",
        "sitting_paper",
    }
)
"""Tables from which the service deletes rows."""

MAY_ALTER = text("""
SELECT tablename FROM pg_tables
WHERE schemaname = current_schema() AND tablename <> ALL (CAST(:others AS text[]))
    AND has_table_privilege(format('%I.%I', schemaname, tablename), 'UPDATE, DELETE, TRUNCATE')
ORDER BY tablename
""")


def grant_rights(connection: Connection, role: str, password: str | None) -> None:
    """Gives `role` its rights on the tables as they are now; makes it, if missing, with that password.

    Raises StartError when the owner may not make it.
    """
    if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar():
        _create(connection, role, password)
    name = connection.dialect.identifier_preparer.quote(role)
    tables = set(
        connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")).scalars()
    )
    schema = connection.dialect.identifier_preparer.quote(
        connection.execute(text("SELECT current_schema()")).scalar_one()
    )
    for statement in (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}",
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {schema} TO {name}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT ON TABLES TO {name}",
        f"REVOKE INSERT ON {_list(READ & tables)} FROM {name}",
        f"GRANT UPDATE ON {_list(CHANGED & tables)} TO {name}",
        f"GRANT DELETE ON {_list(DELETED & tables)} TO {name}",
    ):
        connection.exec_driver_sql(statement)


async def alterable(session: AsyncSession) -> list[str]:
    """The tables that are only to be added to and that this session's role could alter all the same: none if set up
    as it should be."""
    others = sorted(CHANGED | DELETED)
    return list((await session.execute(MAY_ALTER, {"others": others})).scalars())


def _create(connection: Connection, role: str, password: str | None) -> None:
    written = text("SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', CAST(:role AS text), CAST(:password AS text))")
    statement = connection.execute(written, {"role": role, "password": password}).scalar_one()
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError:
        raise StartError(
            f"数据库角色 {role} 不存在，且迁移所用的角色无权创建它：请由数据库管理员执行 CREATE ROLE {role} LOGIN。\n"
            f"There is no database role {role}, and the role of the migrations may not make it: have an administrator "
            f"of the database run CREATE ROLE {role} LOGIN with its password."
        ) from None


def _list(tables: frozenset[str]) -> str:
    return ", ".join(sorted(tables))
