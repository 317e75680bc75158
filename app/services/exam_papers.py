"""Papers as candidates get them: in clear while they write, sealed while they wait; prepared once for each form."""

import base64
import json
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.batching import Batcher, Outcome
from app.core.context import Context
from app.core.keyed import among
from app.core.keyring import seal_paper
from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain.layout import Layout
from app.domain.papers import PaperContent, PaperItem
from app.domain.states import AttemptState
from app.models.attempt import Attempt, AttemptPaper
from app.services import frozen_papers

KEPT = 256
BATCH = 200
LETTERS = "ABCDEFGH"
WAITING = frozenset({AttemptState.ready, AttemptState.in_progress, AttemptState.interrupted})


class Frozen(NamedTuple):
    """A candidate's frozen paper, and how the attempt stands."""

    state: str
    lease_epoch: int
    paper_id: UUID
    frozen_hash: str
    layout: Any


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


class Papers:
    """The papers that candidates of this process ask for; one statement finds those of all who wait."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._batcher: Batcher[CandidateClaims, Frozen] = Batcher(self._find_together, BATCH)
        self.running = self._batcher.running
        self._contents: OrderedDict[UUID, PaperContent] = OrderedDict()
        self._prepared: OrderedDict[UUID, Prepared] = OrderedDict()
        self._sealed: OrderedDict[tuple[UUID, UUID], Sealed] = OrderedDict()

    async def clear(self, claims: CandidateClaims) -> CandidatePaper:
        """Only while writing: Problem `paper_not_open` (409) before the start, after the end, while interrupted."""
        frozen = await self._batcher.ask(claims)
        if frozen.state != AttemptState.in_progress:
            raise Problem("paper_not_open")
        prepared = self._prepared.get(frozen.paper_id)
        if prepared is None:
            prepared = _kept(self._prepared, frozen.paper_id, _prepare(self._contents[frozen.paper_id]))
        return CandidatePaper(frozen.frozen_hash, _arranged(prepared, Layout.from_json(frozen.layout)))

    async def sealed(self, claims: CandidateClaims) -> CandidatePaper:
        """While waiting and writing: Problem `paper_not_open` (409) before the login, after the end."""
        frozen = await self._batcher.ask(claims)
        if frozen.state not in WAITING:
            raise Problem("paper_not_open")
        form = claims.sitting_id, frozen.paper_id
        shared = self._sealed.get(form)
        if shared is None:
            key = self._context.keyring.paper_key(*form)
            shared = _kept(self._sealed, form, _seal(self._contents[frozen.paper_id], key))
        layout = [
            {"item": shared.indexes[placement.position], "options": placement.option_order}
            for placement in Layout.from_json(frozen.layout).placements
        ]
        body = f'{{"algorithm":"A256GCM","ciphertext":"{shared.ciphertext}","layout":{_json(layout)}}}'
        return CandidatePaper(frozen.frozen_hash, body.encode())

    async def _find_together(self, asked: Sequence[CandidateClaims]) -> list[Outcome[Frozen]]:
        keys = {(claims.sitting_id, claims.attempt_id) for claims in asked}
        async with self._context.database.transaction() as session:
            found = await _frozen(session, keys)
            unknown = {frozen.paper_id for frozen in found.values()} - self._contents.keys()
            if unknown:
                for paper_id, content in (await frozen_papers.contents(session, unknown)).items():
                    _kept(self._contents, paper_id, content)
        return [_held(found.get(claims.attempt_id), claims) for claims in asked]


def _held(frozen: Frozen | None, claims: CandidateClaims) -> Outcome[Frozen]:
    if frozen is None:
        return Problem("invalid_token")
    return frozen if frozen.lease_epoch == claims.epoch else Problem("lease_moved")


async def paper_ids(session: AsyncSession, attempts_: Collection[Attempt]) -> dict[UUID, UUID]:
    """The form of each attempt."""
    query = select(col(AttemptPaper.attempt_id), col(AttemptPaper.paper_id)).where(
        col(AttemptPaper.sitting_id).in_({attempt.sitting_id for attempt in attempts_}),
        col(AttemptPaper.attempt_id).in_([attempt.id for attempt in attempts_]),
    )
    return {attempt.attempt_id: attempt.paper_id for attempt in await session.execute(query)}


async def _frozen(session: AsyncSession, keys: Collection[tuple[UUID, UUID]]) -> dict[UUID, Frozen]:
    query = (
        select(
            col(Attempt.id),
            col(Attempt.state),
            col(Attempt.lease_epoch),
            col(AttemptPaper.paper_id),
            col(AttemptPaper.frozen_hash),
            col(AttemptPaper.layout),
        )
        .join(
            AttemptPaper,
            (col(AttemptPaper.sitting_id) == col(Attempt.sitting_id))
            & (col(AttemptPaper.attempt_id) == col(Attempt.id)),
        )
        .where(among(keys, col(Attempt.sitting_id), col(Attempt.id)))
    )
    return {attempt_id: Frozen(*rest) for attempt_id, *rest in await session.execute(query)}


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
