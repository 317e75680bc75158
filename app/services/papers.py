"""Papers: assembled from the active items of the bank to a blueprint, and sealed."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.ids import new_id
from app.core.own_process import OwnProcess
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.assembly import Selecting, Wanted, best_blueprint, best_forms
from app.domain.composition import Blueprint, Composition
from app.domain.items import ItemType
from app.domain.papers import PaperContent, PaperItem
from app.domain.pool import PoolItem, cells_open_to
from app.domain.standard import Standard
from app.models.item import ItemVersion
from app.models.paper import Paper, PaperItemVersion
from app.models.standard import StandardEdition
from app.services import audit, items, standards

SEED_BITS = 48


@dataclass(frozen=True)
class Assembly:
    """A request for papers. `seed` None draws one; difficulty is the expected proportion of right answers."""

    standard_code: str
    edition: str | None
    level: int
    composition: Composition
    forms: int
    seed: int | None
    own_level_share: float
    target_difficulty: float | None
    difficulty_tolerance: float


async def assemble(
    session: AsyncSession, apart: OwnProcess, request: Assembly, actor: Actor, now: datetime
) -> list[Paper]:
    """Sealed papers, one per form; the same bank, request and seed give the same papers, which are then not made anew.

    Raises Problem `composition_total`, `blueprint_infeasible`, `forms_unavailable`, `unknown_level` or `not_found`.
    """
    edition, standard = await standards.get(session, request.standard_code, request.edition)
    bank = await items.active_pool(session, edition, standard)
    seed = random.SystemRandom().getrandbits(SEED_BITS) if request.seed is None else request.seed
    wanted = Wanted(standard.theory_weights(request.level), request.composition, request.level, request.forms)
    selecting = Selecting(
        seed,
        request.own_level_share,
        request.target_difficulty,
        request.difficulty_tolerance,
        standard_group_sizes(standard, request.level),
    )
    blueprint, forms = await apart.run(best_forms, wanted, bank.pool, selecting)
    papers = []
    for index, form in enumerate(forms):
        versions = [bank.versions[item.version_id] for item in form]
        content = _content(edition, request.level, form, versions, request.composition)
        papers.append(
            Paper(
                id=new_id(),
                standard_id=edition.id,
                level=request.level,
                form=chr(ord("A") + index),
                seed=seed,
                composition=[share.model_dump(mode="json") for share in request.composition.shares],
                blueprint=[row.model_dump(mode="json") for row in blueprint.rows],
                content=content.canonical(),
                content_hash=content.content_hash,
                bank_version=bank.version,
                mean_difficulty=sum(item.difficulty for item in form) / len(form),
                sealed_at=now,
                created_by=actor.id,
            )
        )
    return [
        await _seal(session, paper, [bank.versions[item.version_id] for item in form], actor, now)
        for paper, form in zip(papers, forms, strict=True)
    ]


async def preview(
    session: AsyncSession,
    apart: OwnProcess,
    standard_code: str,
    edition: str | None,
    level: int,
    composition: Composition,
    forms: int,
) -> tuple[Blueprint, Mapping[str, Mapping[ItemType, int]]]:
    """The blueprint that `assemble` would choose, and the items open to the level by area and type.

    Raises Problem `composition_total`, `blueprint_infeasible`, `unknown_level` or `standard_not_loaded`.
    """
    row, standard = await standards.get(session, standard_code, edition)
    wanted = Wanted(standard.theory_weights(level), composition, level, forms)
    bank = await items.active_pool(session, row, standard)
    return await apart.run(best_blueprint, wanted, bank.pool), cells_open_to(bank.pool, level)


def standard_group_sizes(standard: Standard, level: int) -> dict[str, dict[str, int]]:
    """Area -> group (work content or basic-knowledge group) -> number of its knowledge points at the level."""
    sizes: dict[str, dict[str, int]] = {}
    for point in standard.knowledge_points():
        if point.level is None or point.level == level:
            groups = sizes.setdefault(point.area, {})
            groups[point.group] = groups.get(point.group, 0) + 1
    return sizes


async def get(session: AsyncSession, paper_id: UUID) -> Paper:
    """Raises Problem `not_found`."""
    paper = await session.get(Paper, paper_id)
    if paper is None:
        raise Problem("not_found", what=str(paper_id))
    return paper


async def list_(
    session: AsyncSession, *, standard_code: str | None, level: int | None, after: UUID | None, limit: int
) -> Sequence[Paper]:
    """The newest first; up to `limit + 1`, so that the caller sees whether there are more."""
    query = select(Paper).order_by(col(Paper.id).desc()).limit(limit + 1)
    if standard_code is not None:
        query = query.join(StandardEdition, col(StandardEdition.id) == col(Paper.standard_id)).where(
            StandardEdition.code == standard_code
        )
    if level is not None:
        query = query.where(Paper.level == level)
    if after is not None:
        query = query.where(col(Paper.id) < after)
    return (await session.execute(query)).scalars().all()


async def read_keys(session: AsyncSession, paper_id: UUID, actor: Actor, now: datetime) -> Paper:
    """The paper for someone who may see its keys; the reading is recorded."""
    paper = await get(session, paper_id)
    audit.record(session, actor, "paper.read_keys", "paper", paper.id, at=now)
    return paper


def _content(
    edition: StandardEdition,
    level: int,
    form: Sequence[PoolItem],
    versions: Sequence[ItemVersion],
    composition: Composition,
) -> PaperContent:
    points = {share.type: share.points for share in composition.shares}
    return PaperContent(
        standard_code=edition.code,
        standard_edition=edition.edition,
        level=level,
        items=tuple(
            PaperItem(
                position=position,
                code=item.code,
                version=version.version,
                type=item.type,
                area=item.area,
                points=points[item.type],
                stem=version.stem,
                options=tuple(version.options),
                key=version.key,
            )
            for position, (item, version) in enumerate(zip(form, versions, strict=True), start=1)
        ),
    )


async def _seal(
    session: AsyncSession, paper: Paper, versions: Sequence[ItemVersion], actor: Actor, now: datetime
) -> Paper:
    claimed = await session.execute(
        insert(Paper).values(paper.model_dump()).on_conflict_do_nothing().returning(col(Paper.id))
    )
    if claimed.first() is None:
        query = select(Paper).where(Paper.standard_id == paper.standard_id, Paper.content_hash == paper.content_hash)
        return (await session.execute(query)).scalar_one()
    await session.execute(
        insert(PaperItemVersion),
        [
            {
                "paper_id": paper.id,
                "position": item["position"],
                "item_version_id": version.id,
                "area": item["area"],
                "points": item["points"],
            }
            for item, version in zip(paper.content["items"], versions, strict=True)
        ],
    )
    audit.record(
        session,
        actor,
        "paper.seal",
        "paper",
        paper.id,
        at=now,
        details={"content_hash": paper.content_hash, "bank_version": paper.bank_version, "seed": paper.seed},
    )
    return await get(session, paper.id)
