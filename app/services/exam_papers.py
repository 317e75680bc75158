"""Papers as candidates get them: in clear while they write, sealed while they wait; prepared once for each form."""

import base64
import json
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.keyring import Keyring, seal_paper
from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain import attempts as rules
from app.domain.layout import Layout
from app.domain.papers import PaperContent, PaperItem
from app.domain.states import AttemptState
from app.models.attempt import Attempt, AttemptPaper
from app.services import attempts, frozen_papers

KEPT = 256
LETTERS = "ABCDEFGH"
WAITING = frozenset({AttemptState.ready, AttemptState.in_progress, AttemptState.interrupted})


@dataclass(frozen=True)
class Prepared:
    """One paper in pieces of JSON, by position: what stands before the options, the options' texts, the points."""

    beginnings: dict[int, str]
    options: dict[int, tuple[str, ...]]
    ends: dict[int, str]
    total_points: float


@dataclass(frozen=True)
class Sealed:
    """One form of a sitting, encrypted (base64), and the index in it of the item at each position."""

    ciphertext: str
    indexes: dict[int, int]


@dataclass(frozen=True)
class CandidatePaper:
    """`tag` identifies this candidate's frozen paper; `body` is JSON."""

    tag: str
    body: bytes


_prepared: OrderedDict[UUID, Prepared] = OrderedDict()
_sealed: OrderedDict[tuple[UUID, UUID], Sealed] = OrderedDict()


async def clear(session: AsyncSession, claims: CandidateClaims) -> CandidatePaper:
    """Only while writing: Problem `paper_not_open` (409) before the start, after the end, while interrupted."""
    attempt, frozen = await _frozen(session, claims)
    if attempt.state != AttemptState.in_progress:
        raise Problem("paper_not_open")
    prepared = _prepared.get(frozen.paper_id)
    if prepared is None:
        prepared = _kept(_prepared, frozen.paper_id, _prepare(await _content(session, frozen.paper_id)))
    return CandidatePaper(frozen.frozen_hash, _arranged(prepared, Layout.from_json(frozen.layout)))


async def sealed(session: AsyncSession, keyring: Keyring, claims: CandidateClaims) -> CandidatePaper:
    """While waiting and writing: Problem `paper_not_open` (409) before the login, after the end."""
    attempt, frozen = await _frozen(session, claims)
    if attempt.state not in WAITING:
        raise Problem("paper_not_open")
    form = attempt.sitting_id, frozen.paper_id
    shared = _sealed.get(form)
    if shared is None:
        shared = _kept(_sealed, form, _seal(await _content(session, frozen.paper_id), keyring.paper_key(*form)))
    layout = [
        {"item": shared.indexes[placement.position], "options": placement.option_order}
        for placement in Layout.from_json(frozen.layout).placements
    ]
    body = f'{{"algorithm":"A256GCM","ciphertext":"{shared.ciphertext}","layout":{_json(layout)}}}'
    return CandidatePaper(frozen.frozen_hash, body.encode())


async def paper_ids(session: AsyncSession, attempts_: Collection[Attempt]) -> dict[UUID, UUID]:
    """The form of each attempt."""
    query = select(AttemptPaper.attempt_id, AttemptPaper.paper_id).where(
        col(AttemptPaper.sitting_id).in_({attempt.sitting_id for attempt in attempts_}),
        col(AttemptPaper.attempt_id).in_([attempt.id for attempt in attempts_]),
    )
    return {attempt.attempt_id: attempt.paper_id for attempt in await session.execute(query)}


async def _frozen(session: AsyncSession, claims: CandidateClaims) -> tuple[Attempt, AttemptPaper]:
    query = (
        select(Attempt, AttemptPaper)
        .join(
            AttemptPaper,
            (col(AttemptPaper.sitting_id) == col(Attempt.sitting_id))
            & (col(AttemptPaper.attempt_id) == col(Attempt.id)),
        )
        .where(Attempt.sitting_id == claims.sitting_id, Attempt.id == claims.attempt_id)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise Problem("invalid_token")
    attempt, frozen = found
    rules.require_lease(attempts.facts_of(attempt), claims.epoch)
    return attempt, frozen


async def _content(session: AsyncSession, paper_id: UUID) -> PaperContent:
    return (await frozen_papers.contents(session, {paper_id}))[paper_id]


def _prepare(content: PaperContent) -> Prepared:
    return Prepared(
        {item.position: f'"type":{_json(item.type)},"stem":{_json(item.stem)},"options":[' for item in content.items},
        {item.position: tuple(_json(text) for text in item.options) for item in content.items},
        {item.position: f'],"points":{_json(float(item.points))}}}' for item in content.items},
        float(sum(item.points for item in content.items)),
    )


def _arranged(prepared: Prepared, layout: Layout) -> bytes:
    """The items in the candidate's order, as `CandidatePaperRead` describes them; no key."""
    items = []
    for number, placement in enumerate(layout.placements, start=1):
        texts = prepared.options[placement.position]
        options = ",".join(
            f'{{"letter":"{letter}","text":{texts[index]}}}'
            for letter, index in zip(LETTERS, placement.option_order, strict=False)
        )
        beginning, end = prepared.beginnings[placement.position], prepared.ends[placement.position]
        items.append(f'{{"number":{number},{beginning}{options}{end}')
    return f'{{"items":[{",".join(items)}],"total_points":{_json(prepared.total_points)}}}'.encode()


def _seal(content: PaperContent, key: bytes) -> Sealed:
    """The items with their options as they were written; nothing that tells a key of theirs."""
    total = float(sum(item.points for item in content.items))
    shared = _json({"items": [_item(item) for item in content.items], "total_points": total}).encode()
    indexes = {item.position: index for index, item in enumerate(content.items)}
    return Sealed(base64.b64encode(seal_paper(key, shared)).decode(), indexes)


def _item(item: PaperItem) -> dict[str, Any]:
    return {
        "type": item.type,
        "stem": item.stem,
        "options": list(item.options),
        "points": float(item.points),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _kept(cache: OrderedDict[Any, Any], key: Any, value: Any) -> Any:
    cache[key] = value
    while len(cache) > KEPT:
        cache.popitem(last=False)
    return value
