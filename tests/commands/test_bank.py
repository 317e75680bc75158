"""`kaochang standard` and `kaochang bank` against a real database."""

import asyncio
from pathlib import Path

import pytest
import yaml
from sqlmodel import col, select
from typer.testing import CliRunner, Result

from app.cli import app
from app.core.database import Database
from app.models.audit import AuditEvent
from app.models.item import ItemVersion
from tests.conftest import BANK_FILES, SECRET, STANDARD_FILES

FOLDER = BANK_FILES[0].parent


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("KAOCHANG_DATABASE_URL", database_url)
    monkeypatch.setenv("KAOCHANG_SECRET_KEY", SECRET)
    monkeypatch.setenv("KAOCHANG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")


async def kaochang(*words: object) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, [str(word) for word in words]))


def write(path: Path, *codes: str, enemies: tuple[str, ...] = (), point: str = "L5/1.1.1") -> None:
    rows = [
        {
            "code": code,
            "type": "true_false",
            "level": 5,
            "knowledge_points": [point],
            "stem": f"判断题 {code}",
            "key": "T",
            "difficulty": 0.6,
            "rationale": "解析",
            "reference": "标准 3.1",
            "enemies": list(enemies),
        }
        for code in codes
    ]
    path.write_text(yaml.safe_dump({"standard": "3-01-01-01", "edition": "2020", "items": rows}), encoding="utf-8")


async def states(database: Database, stem: str) -> list[str]:
    async with database.transaction() as session:
        query = select(ItemVersion.state).where(ItemVersion.stem == stem)
        return list((await session.execute(query)).scalars())


async def test_loading_what_is_loaded_changes_nothing() -> None:
    loaded = await kaochang("standard", "load", *STANDARD_FILES)
    assert loaded.exit_code == 0, loaded.output
    bank = await kaochang("bank", "load", FOLDER)
    assert bank.exit_code == 0, bank.output
    assert "created 0, 更改 changed 0" in bank.output


async def test_a_changed_edition_is_refused_in_both_languages(tmp_path: Path) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(STANDARD_FILES[1].read_text(encoding="utf-8").replace("风级", "风力"), encoding="utf-8")
    refused = await kaochang("standard", "load", changed)
    assert refused.exit_code == 1
    assert "修订请作为新版导入" in refused.output
    assert "load a revision as a new edition" in refused.output


async def test_standards_are_listed_and_shown() -> None:
    assert "9-99-99-99" in (await kaochang("standard", "list")).output
    shown = await kaochang("standard", "show", "9-99-99-99", "--level", 3)
    assert all(word in shown.output for word in ("三级/高级工", "27.5", "L3/1.1.2", "无线电规则", "1.9.4"))
    unknown = await kaochang("standard", "show", "3-01-01-01", "--level", 2)
    assert unknown.exit_code == 1
    assert "没有 2 级" in unknown.output


async def test_a_folder_is_one_import(tmp_path: Path, database: Database) -> None:
    write(tmp_path / "a.yaml", "NEW-1", enemies=("NEW-2",))
    write(tmp_path / "b.yaml", "NEW-2", enemies=("NEW-1",))
    loaded = await kaochang("bank", "load", tmp_path)
    assert loaded.exit_code == 0, loaded.output
    assert "created 2" in loaded.output
    assert await states(database, "判断题 NEW-1") == ["active"]
    async with database.transaction() as session:
        query = select(AuditEvent).where(AuditEvent.action == "bank.load").order_by(col(AuditEvent.id).desc())
        event = (await session.execute(query)).scalars().first()
    assert event is not None
    assert event.details | {"state": "active", "created": 2, "changed": 0, "unchanged": 0} == event.details


async def test_of_a_folder_with_one_bad_file_nothing_is_loaded(tmp_path: Path, database: Database) -> None:
    write(tmp_path / "a.yaml", "NEW-1")
    write(tmp_path / "b.yaml", "NEW-2", point="L5/9.9.9")
    refused = await kaochang("bank", "load", tmp_path, "--state", "draft")
    assert refused.exit_code == 1
    assert "b.yaml: items[0] (NEW-2).knowledge_points[0]" in refused.output
    assert await states(database, "判断题 NEW-1") == []


async def test_drafts_are_loaded_as_drafts(tmp_path: Path, database: Database) -> None:
    write(tmp_path / "a.yaml", "NEW-1")
    await kaochang("bank", "load", tmp_path, "--state", "draft")
    assert await states(database, "判断题 NEW-1") == ["draft"]


async def test_the_loaded_bank_and_its_files_get_the_same_report() -> None:
    of_bank, of_files = await kaochang("bank", "check"), await kaochang("bank", "check", FOLDER)
    assert of_bank.exit_code == of_files.exit_code
    assert of_bank.output.splitlines()[:60] == of_files.output.splitlines()[:60]
    assert "培训与管理" in of_bank.output


async def test_a_bank_that_does_not_suffice_fails_the_check(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "NEW-1")
    report = await kaochang("bank", "check", tmp_path)
    assert report.exit_code == 1
    assert "现有 0 题" in report.output
    assert "There is no item for this knowledge point." in report.output
