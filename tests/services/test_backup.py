"""An exam is backed up while it is open and restored elsewhere: it is the same to the last answer and signature."""

import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from app.core.context import Context
from app.core.database import Addresses, Database, as_role
from app.core.ids import new_id
from app.core.keyring import Keyring
from app.core.postgres_tools import ToolError
from app.core.rights import SERVICE_ROLE
from app.main import create_app
from app.services import backup
from app.services.backup import BackupError, back_up, restore
from app.services.sweeper import sweep
from tests.conftest import FixedClock, database_at, execute
from tests.halls import Hall, begin, changes, log_in, open_hall

OWNER = "postgres"


@pytest.fixture
def source(database_url: str) -> Addresses:
    return Addresses(database_url, as_role(database_url, OWNER))


@pytest_asyncio.fixture
async def empty(postgres: str) -> AsyncIterator[Addresses]:
    name = f"restored_{new_id().hex}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE template0")
    owner = database_at(postgres, name)
    yield Addresses(as_role(owner, SERVICE_ROLE), owner)
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def sit(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> Hall:
    """Three candidates: one hands in and is graded, one writes, one has just begun."""
    hall = await open_hall(context, candidates=3)
    handing_in, writing, _ = [await begin(http, who) for who in hall.seated]
    for token in (handing_in, writing):
        body = changes({1: "A", 2: "B", 7: "T"})
        assert (await http.put("/api/v1/exam/responses", json=body, headers=token)).status_code == 200
    answer = await http.post("/api/v1/exam/submit", headers=handing_in, json={"last_sequence": 3})
    assert answer.status_code == 200, answer.text
    clock.advance(timedelta(minutes=1))
    await sweep(context)
    return hall


async def test_what_is_restored_is_what_was_backed_up(
    http: httpx.AsyncClient,
    context: Context,
    clock: FixedClock,
    source: Addresses,
    empty: Addresses,
    tmp_path: Path,
) -> None:
    hall = await sit(http, context, clock)
    file = tmp_path / "exam.backup"
    manifest = await back_up(source, context.keyring, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert manifest.rows["attempt"] == 3
    assert manifest.rows["response_history"] == 6

    restored = await restore(empty, context.keyring, file)
    assert restored.ok
    assert restored.manifest == manifest
    assert restored.receipts == 1
    assert restored.events == manifest.rows["audit_event"]

    tables = [table for table in manifest.rows if table != "presence"]  # goes on being written meanwhile
    assert await contents(empty, tables) == await contents(source, tables)
    await the_exam_goes_on(empty, context, hall)


async def contents(addresses: Addresses, tables: list[str]) -> dict[str, str | None]:
    """By table a digest over all rows."""
    database = Database(addresses.owner)
    async with database.transaction() as session:
        found = {
            table: (
                await session.execute(text(f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} t"))  # noqa: S608
            ).scalar_one()
            for table in tables
        }
    await database.dispose()
    return found


async def the_exam_goes_on(addresses: Addresses, context: Context, hall: Hall) -> None:
    """As the service's own role, which has its rights again; the candidate's device still holds its lease."""
    database = Database(addresses.service)
    own = Context(context.settings, database, context.keyring, context.clock)
    app = create_app(own)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        token = await log_in(http, hall.seated[1])
        stored = (await http.get("/api/v1/exam/responses", headers=token)).json()
        assert {one["number"]: one["answer"] for one in stored["responses"]} == {1: "A", 2: "B", 7: "T"}
        saved = await http.put("/api/v1/exam/responses", json=changes({3: "C"}, first=4), headers=token)
        assert [one["outcome"] for one in saved.json()["responses"]] == ["saved"]
    async with database.transaction() as session:
        with pytest.raises(Exception, match="permission denied"):
            await session.execute(text("DELETE FROM audit_event"))
    await database.dispose()


async def test_a_moment_is_backed_up_though_the_exam_goes_on(
    http: httpx.AsyncClient,
    context: Context,
    clock: FixedClock,
    source: Addresses,
    empty: Addresses,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall = await sit(http, context, clock)
    count = backup._rows

    async def count_and_go_on(session: object) -> dict[str, int]:
        rows = await count(session)  # type: ignore[arg-type]
        token = await log_in(http, hall.seated[2])
        await http.put("/api/v1/exam/responses", json=changes({1: "A"}), headers=token)
        return rows

    monkeypatch.setattr(backup, "_rows", count_and_go_on)
    manifest = await back_up(source, context.keyring, tmp_path / "exam.backup")
    monkeypatch.undo()
    assert manifest.rows["response_history"] == 6
    assert (await restore(empty, context.keyring, tmp_path / "exam.backup")).ok


async def test_tampering_before_the_backup_is_told_after_the_restore(
    http: httpx.AsyncClient,
    context: Context,
    clock: FixedClock,
    source: Addresses,
    empty: Addresses,
    tmp_path: Path,
) -> None:
    hall = await sit(http, context, clock)
    await execute(source.owner, f"UPDATE response SET answer = 'D' WHERE attempt_id = '{hall.seated[0].attempt_id}'")  # noqa: S608
    await execute(source.owner, f"UPDATE audit_event SET action = 'nothing' WHERE chain = '{hall.sitting_id}'")  # noqa: S608
    await back_up(source, context.keyring, tmp_path / "exam.backup")
    restored = await restore(empty, context.keyring, tmp_path / "exam.backup")
    assert not restored.ok
    assert restored.wrong_receipts == [hall.seated[0].attempt_id]
    assert [broken.chain for broken in restored.breaks] == [hall.sitting_id]


async def test_a_database_that_is_not_empty_is_left_alone(context: Context, source: Addresses, tmp_path: Path) -> None:
    manifest = await back_up(source, context.keyring, tmp_path / "backup")
    before = await contents(source, list(manifest.rows))
    with pytest.raises(BackupError, match="not empty"):
        await restore(source, context.keyring, tmp_path / "backup")
    assert await contents(source, list(manifest.rows)) == before


async def test_a_backup_of_another_secret_is_refused(
    context: Context, source: Addresses, empty: Addresses, tmp_path: Path
) -> None:
    await back_up(source, Keyring("another secret, that is long enough"), tmp_path / "backup")
    with pytest.raises(BackupError, match="another secret"):
        await restore(empty, context.keyring, tmp_path / "backup")


@pytest.mark.parametrize("member", [backup.DUMP, backup.MANIFEST])
async def test_a_damaged_backup_is_refused(
    context: Context, source: Addresses, empty: Addresses, tmp_path: Path, member: str
) -> None:
    file = tmp_path / "backup"
    await back_up(source, context.keyring, file)
    with ZipFile(file) as archive:
        start = archive.getinfo(member).header_offset
    content = bytearray(file.read_bytes())
    content[start + 200] ^= 1
    file.write_bytes(content)
    with pytest.raises(BackupError, match="damaged"):
        await restore(empty, context.keyring, file)


async def test_an_altered_manifest_is_refused(
    context: Context, source: Addresses, empty: Addresses, tmp_path: Path
) -> None:
    await back_up(source, context.keyring, tmp_path / "backup")
    with ZipFile(tmp_path / "backup") as archive, ZipFile(tmp_path / "altered", "w") as altered:
        altered.writestr(backup.DUMP, archive.read(backup.DUMP))
        text_ = archive.read(backup.MANIFEST).decode()
        altered.writestr(backup.MANIFEST, text_.replace('"response": 0', '"response": 1'))
    with pytest.raises(BackupError, match="damaged or was altered"):
        await restore(empty, context.keyring, tmp_path / "altered")


async def test_anything_else_is_no_backup(context: Context, empty: Addresses, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("考场")
    with pytest.raises(BackupError, match="Not a backup"):
        await restore(empty, context.keyring, tmp_path / "file")


async def test_a_file_is_never_overwritten(context: Context, source: Addresses, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("precious")
    with pytest.raises(BackupError, match="exists"):
        await back_up(source, context.keyring, tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "precious"


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_what_fails_leaves_no_file(
    context: Context, source: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c no_such_setting=1")
    with pytest.raises(ToolError, match="no_such_setting"):
        await back_up(source, context.keyring, tmp_path / "backup")
    assert files_in(tmp_path) == []
