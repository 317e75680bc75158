"""Loaded editions never change, and are parsed once."""

import asyncio
import json

import pytest
from sqlalchemy import func
from sqlmodel import select

from app.core.database import Database
from app.core.problems import Problem
from app.domain import strict_yaml
from app.domain.actors import SYSTEM
from app.domain.standard import parse_standard
from app.models.audit import AuditEvent
from app.models.standard import StandardEdition
from app.services import standards
from tests.conftest import LOADED_AT, STANDARD_FILES

MADE_UP = STANDARD_FILES[1].read_text(encoding="utf-8")
NEXT_EDITION = MADE_UP.replace("edition: 2026", "edition: 2027")
CODE = "9-99-99-99"


async def load(database: Database, text: str) -> StandardEdition:
    async with database.transaction() as session:
        return await standards.load(session, text, SYSTEM, LOADED_AT)


async def count(database: Database, table: type[StandardEdition] | type[AuditEvent]) -> int:
    async with database.transaction() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


@pytest.mark.parametrize("text", [MADE_UP, json.dumps(strict_yaml.load(MADE_UP))])
async def test_the_same_content_again_changes_nothing(database: Database, text: str) -> None:
    events = await count(database, AuditEvent)
    edition = await load(database, text)
    assert (edition.code, edition.edition) == (CODE, "2026")
    assert await count(database, StandardEdition) == len(STANDARD_FILES)
    assert await count(database, AuditEvent) == events


async def test_an_edition_never_gets_other_content(database: Database) -> None:
    with pytest.raises(Problem) as refusal:
        await load(database, MADE_UP.replace("灯具构造", "灯塔构造"))
    assert refusal.value.code == "standard_edition_immutable"
    async with database.transaction() as session:
        _, standard = await standards.get(session, CODE)
    assert standard == parse_standard(MADE_UP)


async def test_an_invalid_standard_is_refused_with_places(database: Database) -> None:
    with pytest.raises(Problem) as refusal:
        await load(database, NEXT_EDITION.replace("weights: {3: 27.5}", "weights: {3: 28}"))
    assert refusal.value.code == "standard_invalid"
    assert refusal.value.errors
    assert await count(database, StandardEdition) == len(STANDARD_FILES)


async def test_the_newest_edition_is_meant_when_none_is_named(database: Database) -> None:
    await load(database, NEXT_EDITION)
    async with database.transaction() as session:
        assert (await standards.get(session, CODE))[1].edition == "2027"
        assert (await standards.get(session, CODE, "2026"))[1].edition == "2026"
        with pytest.raises(Problem, match="9-99-99-99 \\(2025\\)"):
            await standards.get(session, CODE, "2025")


async def test_an_edition_loaded_by_two_at_once_is_there_once(database: Database) -> None:
    first, second = await asyncio.gather(load(database, NEXT_EDITION), load(database, NEXT_EDITION))
    assert first.id == second.id
    assert await count(database, StandardEdition) == len(STANDARD_FILES) + 1


async def test_the_stored_document_is_the_whole_standard_and_parsed_once(database: Database) -> None:
    for path in STANDARD_FILES:
        whole = parse_standard(path.read_text(encoding="utf-8"))
        async with database.transaction() as session:
            edition, standard = await standards.get(session, whole.code)
            assert standard == whole
            assert await standards.by_id(session, edition.id) is standard
            assert (await standards.get(session, whole.code))[1] is standard
