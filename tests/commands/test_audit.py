"""`kaochang audit`: the log is verified in the database and, exported, without it; `kaochang migrate` gives rights."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from app.cli import app
from app.commands.audit import FAULTS
from app.core.context import Context
from app.core.database import Database, as_role
from app.core.ids import new_id
from app.core.keyring import Keyring
from app.core.logging import configure_logging
from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings
from app.domain.audit_chain import OUTSIDE, Fault
from app.services.audit_checkpoints import sign_heads
from tests.conftest import SECRET, Login
from tests.halls import Hall, open_hall
from tests.rows import OWNER, as_owner, sql

CUT_AT_THREE = (
    "DELETE FROM audit_event WHERE chain = :c AND sequence > 3",
    "DELETE FROM audit_checkpoint WHERE chain = :c AND sequence > 3",
    "UPDATE audit_head AS head SET sequence = event.sequence, hash = event.hash FROM audit_event AS event "
    "WHERE head.chain = :c AND event.chain = :c AND event.sequence = 3",
)
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("KAOCHANG_DATABASE_URL", database_url)
    monkeypatch.setenv("KAOCHANG_SECRET_KEY", SECRET)


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context)


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What the service writes to its log, as operators have it."""
    with redirect_stderr(StringIO()) as standard_error:
        configure_logging(Settings(log_format="json", log_level="info"))
        yield standard_error
    configure_logging(Settings(log_format="console", log_level="warning"))


async def kaochang(*words: object) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, [str(word) for word in words]))


async def test_an_honest_log_is_unbroken(hall: Hall) -> None:
    everything = await kaochang("audit", "verify")
    assert everything.exit_code == 0, everything.output
    assert "chains: 2" in everything.output
    assert "未见断裂 unbroken" in everything.output
    assert "Warning" not in everything.output
    one = await kaochang("audit", "verify", "--sitting", hall.sitting_id)
    assert (one.exit_code, "chains: 1" in one.output) == (0, True)


async def test_the_first_broken_link_of_each_chain_is_named(hall: Hall, context: Context) -> None:
    await sql(context, "UPDATE audit_event SET action = 'x' WHERE chain = :c AND sequence IN (3, 5)", c=hall.sitting_id)
    await sql(context, "DELETE FROM audit_event WHERE chain = :c AND sequence = 1", c=OUTSIDE)
    result = await kaochang("audit", "verify")
    assert result.exit_code == 1
    assert f"场次 sitting {hall.sitting_id}，序号 sequence 3: 事件内容被改动" in result.output
    assert "outside sittings，序号 sequence 1: 缺少事件" in result.output
    assert "sequence 5" not in result.output


def test_every_fault_has_its_words() -> None:
    assert set(FAULTS) == set(Fault)


async def test_another_key_than_the_one_that_signed_is_told(hall: Hall, context: Context) -> None:
    await sign_heads(context)
    result = await kaochang("audit", "verify", "--public-key", Keyring(SECRET[::-1]).audit_public_key)
    assert result.exit_code == 1
    assert "checkpoint_forged" in result.output


async def test_an_end_cut_off_with_its_head_and_signed_heads_is_found_against_the_log_lines_kept_elsewhere(
    hall: Hall, context: Context, tmp_path: Path, logged: StringIO
) -> None:
    await sign_heads(context)
    kept = tmp_path / "kept.log"
    kept.write_text(f"starting\n{logged.getvalue()}", encoding="utf-8")
    honest = await kaochang("audit", "verify", "--heads", kept)
    assert (honest.exit_code, "noted heads compared: 2" in honest.output) == (0, True), honest.output

    for statement in CUT_AT_THREE:
        await sql(context, statement, c=hall.sitting_id)
    assert (await kaochang("audit", "verify")).exit_code == 0, "the database alone does not tell"
    for only in ((), ("--sitting", hall.sitting_id)):
        cut = await kaochang("audit", "verify", "--heads", kept, *only)
        assert cut.exit_code == 1
        assert f"场次 sitting {hall.sitting_id}，序号 sequence 4: 末尾被截断" in cut.output


async def test_saved_pages_of_heads_are_compared(
    http: httpx.AsyncClient, login: Login, hall: Hall, context: Context, tmp_path: Path
) -> None:
    saved = tmp_path / "heads.json"
    saved.write_bytes((await http.get("/api/v1/audit/heads", headers=await login("auditor"))).content)
    honest = await kaochang("audit", "verify", "--heads", saved)
    assert (honest.exit_code, "noted heads compared: 2" in honest.output) == (0, True), honest.output
    text = saved.read_text(encoding="utf-8")
    sitting = next(head for head in json.loads(text)["items"] if head["sitting_id"] is not None)
    saved.write_text(text.replace(sitting["hash"], "0" * 64), encoding="utf-8")
    result = await kaochang("audit", "verify", "--heads", saved)
    assert result.exit_code == 1
    assert f"sequence {sitting['sequence']}: 与另存的链头不符 a noted head contradicts" in result.output


async def test_what_holds_no_heads_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kept.log"
    file.write_bytes(b"\xff no heads here\n")
    result = await kaochang("audit", "verify", "--heads", file)
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert (await kaochang("audit", "verify", file, "--heads", file)).exit_code == 2


async def test_a_role_that_could_alter_the_log_is_warned_of(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOCHANG_DATABASE_URL", as_role(database_url, OWNER))
    result = await kaochang("audit", "verify")
    assert result.exit_code == 0
    assert "Warning" in result.output
    assert "audit_event" in result.output


async def test_an_exported_record_is_verified_without_a_database(
    hall: Hall, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "record.json"
    exported = await kaochang("audit", "export", hall.sitting_id, file)
    assert exported.exit_code == 0, exported.output
    key = (await kaochang("audit", "public-key")).output.strip()
    monkeypatch.setenv("KAOCHANG_DATABASE_URL", NOWHERE)
    monkeypatch.delenv("KAOCHANG_SECRET_KEY")

    verified = await kaochang("audit", "verify", file, "--public-key", key)
    assert verified.exit_code == 0, verified.output
    assert str(hall.sitting_id) in verified.output
    assert "取自文件本身" not in verified.output
    assert "取自文件本身" in (await kaochang("audit", "verify", file)).output

    file.write_bytes(file.read_bytes().replace(b'"room.start"', b'"room.Start"'))
    changed = await kaochang("audit", "verify", file)
    assert changed.exit_code == 1
    assert "signature of the file: 不符 DIFFERS" in changed.output
    assert "altered" in changed.output


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"public_key": 1}'])
async def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(content)
    result = await kaochang("audit", "verify", file)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


async def test_a_sitting_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = await kaochang("audit", "export", new_id(), tmp_path / "record.json")
    assert result.exit_code == 1
    assert not (tmp_path / "record.json").exists()


async def test_migrating_gives_the_role_of_the_service_its_rights(
    context: Context, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with as_owner(context) as owner:
        await owner.execute(text(f"REVOKE ALL ON sitting FROM {SERVICE_ROLE}"))
    monkeypatch.setenv("KAOCHANG_MIGRATION_DATABASE_URL", as_role(database_url, OWNER))
    result = await kaochang("migrate")
    assert result.exit_code == 0, result.output
    service = Database(database_url)
    async with service.transaction() as session:
        await session.execute(text("SELECT count(*) FROM sitting"))
    await service.dispose()
