"""The service's database role may add to what proves an exam, and never change or delete it."""

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from app.core.database import Addresses, Database, as_role
from app.core.embedded import StartError
from app.core.ids import new_id
from app.core.migrations import INSUFFICIENT_PRIVILEGE, migrate
from app.core.rights import CHANGED, DELETED, READ, SERVICE_ROLE, alterable
from tests.rows import OWNER

APPEND_ONLY = (
    "audit_event",
    "audit_head",
    "audit_checkpoint",
    "response_history",
    "time_grant",
    "receipt",
    "grading_run",
    "incident_note",
    "incident_evidence",
    "evidence",
    "paper",
    "sealed_record",
)
RIGHTS = text("""
SELECT privilege_type FROM information_schema.role_table_grants
WHERE grantee = current_user AND table_schema = 'public' AND table_name = :name
""")


@pytest.fixture
def addresses(database_url: str) -> Addresses:
    return Addresses(database_url, as_role(database_url, OWNER))


async def test_what_proves_an_exam_is_not_changed(database: Database) -> None:
    for table in APPEND_ONLY:
        column = next(iter(SQLModel.metadata.tables[table].columns)).name
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):  # noqa: S608
            await refused(database, statement)


async def test_every_table_has_the_rights_that_its_work_needs(database: Database) -> None:
    assert set(SQLModel.metadata.tables) >= CHANGED | DELETED
    async with database.transaction() as session:
        for name in SQLModel.metadata.tables:
            expected = {"SELECT"} if name in READ else {"SELECT", "INSERT"}
            expected |= {"UPDATE"} if name in CHANGED else set()
            expected |= {"DELETE"} if name in DELETED else set()
            assert set((await session.execute(RIGHTS, {"name": name})).scalars()) == expected, name
        assert await alterable(session) == []


async def test_the_service_makes_no_tables_roles_or_rights(database: Database) -> None:
    for statement in (
        "CREATE TABLE own (id int)",
        "ALTER TABLE audit_event ADD x int",
        "DROP TABLE audit_event",
        "CREATE ROLE other",
        f"SET ROLE {OWNER}",
        "UPDATE alembic_version SET version_num = '0001'",
        "INSERT INTO alembic_version VALUES ('x')",
        "INSERT INTO audit_event SELECT * FROM audit_event",
        "INSERT INTO audit_head SELECT * FROM audit_head",
    ):
        await refused(database, statement)


async def test_the_owner_is_told_of(addresses: Addresses) -> None:
    owner = Database(addresses.owner)
    async with owner.transaction() as session:
        assert set(APPEND_ONLY) <= set(await alterable(session))
    await owner.dispose()


async def test_rights_are_given_again_at_each_start(addresses: Addresses) -> None:
    await as_owner_do(addresses, f"GRANT UPDATE, DELETE ON audit_event TO {SERVICE_ROLE}")
    await as_owner_do(addresses, f"REVOKE ALL ON attempt FROM {SERVICE_ROLE}")
    await migrate(addresses)
    service = Database(addresses.service)
    async with service.transaction() as session:
        assert await alterable(session) == []
        await session.execute(text("SELECT count(*) FROM attempt"))
    await service.dispose()


async def test_a_table_of_a_later_migration_can_be_read_and_added_to(addresses: Addresses) -> None:
    await as_owner_do(addresses, "CREATE TABLE later (id int)")
    service = Database(addresses.service)
    async with service.transaction() as session:
        await session.execute(text("INSERT INTO later SELECT count(*) FROM later"))
    await refused(service, "DELETE FROM later")
    await service.dispose()


async def test_the_role_of_the_service_is_made_with_its_password(addresses: Addresses) -> None:
    name = f"service {new_id().hex}"
    url = make_url(addresses.owner).set(username=name, password='it\'s %s "quoted"')
    await migrate(Addresses(url.render_as_string(hide_password=False), addresses.owner))
    service = Database(url.render_as_string(hide_password=False))
    async with service.transaction() as session:
        assert (await session.execute(text("SELECT current_user"))).scalar_one() == name
        assert await alterable(session) == []
    await service.dispose()
    await as_owner_do(addresses, f'DROP OWNED BY "{name}"', f'DROP ROLE "{name}"')


async def test_a_role_that_may_not_migrate_is_told_what_to_do(addresses: Addresses) -> None:
    await as_owner_do(addresses, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StartError, match="KAOCHANG_MIGRATION_DATABASE_URL"):
        await migrate(Addresses(addresses.service, addresses.service))


async def test_an_owner_that_may_not_make_the_role_is_told_what_to_do(addresses: Addresses) -> None:
    missing = as_role(addresses.service, f"missing_{new_id().hex}")
    with pytest.raises(StartError, match="CREATE ROLE"):
        await migrate(Addresses(missing, addresses.service))


async def refused(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError) as error:
        async with database.transaction() as session:
            await session.execute(text(statement))
    assert getattr(error.value.orig, "sqlstate", None) == INSUFFICIENT_PRIVILEGE, statement


async def as_owner_do(addresses: Addresses, *statements: str) -> None:
    owner = Database(addresses.owner)
    async with owner.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))
    await owner.dispose()
