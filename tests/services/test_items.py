"""The pool of active items that papers are assembled from."""

from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from app.core.database import Database
from app.core.ids import new_id
from app.domain.actors import SYSTEM
from app.domain.item_states import ItemCommand
from app.domain.states import SittingState
from app.models.item import ItemVersion
from app.models.paper import Paper, PaperItemVersion
from app.models.sitting import Sitting, SittingPaper
from app.services import items, standards
from app.services.items import ActivePool
from tests.conftest import LOADED_AT
from tests.routers.test_items import BANK

CODE = BANK[0].code


async def pool(session: AsyncSession) -> ActivePool:
    return await items.active_pool(session, *await standards.get(session, "3-01-01-01"))


async def seat(session: AsyncSession, version: ItemVersion, state: SittingState, *, rehearsal: bool = False) -> None:
    """A sitting whose paper holds the version."""
    edition, _ = await standards.get(session, "3-01-01-01")
    paper = Paper(
        id=new_id(),
        standard_id=edition.id,
        level=5,
        form="A",
        seed=1,
        composition=[],
        blueprint=[],
        content={},
        content_hash=new_id().hex,
        bank_version="",
        mean_difficulty=0.5,
        sealed_at=LOADED_AT,
    )
    sitting = Sitting(
        id=new_id(),
        standard_id=edition.id,
        level=5,
        name="场次",
        state=state,
        rehearsal=rehearsal,
        starts_at=LOADED_AT,
        duration_minutes=60,
        late_entry_minutes=30,
        earliest_submission_minutes=30,
        grace_seconds=10,
        created_at=LOADED_AT,
    )
    session.add_all([paper, sitting])
    await session.flush()
    session.add(SittingPaper(sitting_id=sitting.id, form_index=0, paper_id=paper.id))
    session.add(
        PaperItemVersion(paper_id=paper.id, position=1, item_version_id=version.id, area="基础知识", points=Decimal(1))
    )
    await session.flush()


def uses(bank: ActivePool) -> dict[str, int]:
    return {item.code: item.uses for item in bank.pool if item.uses}


async def test_the_pool_is_the_active_bank_by_code(database: Database) -> None:
    async with database.transaction() as session:
        bank = await pool(session)
        _, standard = await standards.get(session, "3-01-01-01")
    assert [item.code for item in bank.pool] == sorted(item.code for item in BANK)
    documents = {item.code: item for item in BANK}
    for item in bank.pool:
        document, version = documents[item.code], bank.versions[item.version_id]
        point = standard.knowledge_point(document.knowledge_points[0])
        assert (item.area, item.group, item.level) == (point.area, point.group, document.level)
        assert item.enemies == frozenset(document.enemies)
        assert (version.stem, version.key) == (document.stem, document.key)
    assert uses(bank) == {}


@pytest.mark.parametrize(
    ("state", "rehearsal", "counts"),
    [
        (SittingState.draft, False, False),
        (SittingState.cancelled, False, False),
        (SittingState.ready, True, False),
        (SittingState.ready, False, True),
        (SittingState.live, False, True),
        (SittingState.closed, False, True),
        (SittingState.published, False, True),
    ],
)
async def test_uses_are_sittings_that_count(
    database: Database, state: SittingState, rehearsal: bool, counts: bool
) -> None:
    async with database.transaction() as session:
        before = await pool(session)
        version = before.versions[next(item.version_id for item in before.pool if item.code == CODE)]
        await seat(session, version, state, rehearsal=rehearsal)
        after = await pool(session)
    assert uses(after) == ({CODE: 1} if counts else {})
    assert (after.version != before.version) is counts


async def test_uses_of_former_versions_count_and_the_active_one_is_in_the_pool(database: Database) -> None:
    async with database.transaction() as session:
        before = await pool(session)
        version_id = next(item.version_id for item in before.pool if item.code == CODE)
        former = before.versions[version_id]
        await seat(session, former, SittingState.published)
        await items.update(session, former.item_id, {"difficulty": 0.11}, None, SYSTEM, LOADED_AT)
        edited = await pool(session)
        assert next(item for item in edited.pool if item.code == CODE).version_id == version_id

        for command in (ItemCommand.review, ItemCommand.activate):
            await items.command(session, former.item_id, command, None, SYSTEM, LOADED_AT)
        await seat(session, former, SittingState.closed)
        now_active = await pool(session)
    item = next(item for item in now_active.pool if item.code == CODE)
    assert (item.difficulty, item.uses) == (0.11, 2)
    assert len({before.version, edited.version, now_active.version}) == 3


async def test_a_retired_item_leaves_the_pool_and_its_version_stays(database: Database) -> None:
    async with database.transaction() as session:
        version = next(iter((await pool(session)).versions.values()))
        await items.command(session, version.item_id, ItemCommand.retire, None, SYSTEM, LOADED_AT)
        assert len((await pool(session)).pool) == len(BANK) - 1
        kept = (await session.execute(select(ItemVersion).where(ItemVersion.id == version.id))).scalar_one()
        assert kept.content_hash == version.content_hash
