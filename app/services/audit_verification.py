"""Walks the chains of the audit log and names the first broken link of each."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Database
from app.core.rights import alterable
from app.domain.audit_chain import OUTSIDE, START, Break, ChainWalk, Fault
from app.domain.noted_heads import NotedHeads
from app.services import audit, audit_links

CHAINS = text("""
SELECT chain FROM audit_head UNION SELECT chain FROM audit_event UNION SELECT chain FROM audit_checkpoint
UNION SELECT id FROM sitting UNION SELECT CAST(:outside AS uuid) FROM standard_edition
""")
"""Every sitting has one: it was created; and there is the one outside sittings, since a standard was loaded."""

DIFFERING_SEAL = text("""
SELECT min(seal.audit_sequence) FROM room_seal AS seal
LEFT JOIN audit_event AS event ON event.chain = seal.sitting_id AND event.sequence = seal.audit_sequence
WHERE seal.sitting_id = :chain AND seal.audit_sequence > 0 AND event.hash IS DISTINCT FROM seal.audit_hash
""")


@dataclass(frozen=True)
class Verification:
    """What was walked, the first broken link of each broken chain, and the tables that the service could alter.

    `noted`: how many heads from elsewhere the chains were held against.
    """

    chains: int
    events: int
    noted: int
    breaks: Sequence[Break]
    alterable: Sequence[str]


async def verify(
    database: Database, public_key: str, sitting_id: UUID | None = None, noted: NotedHeads | None = None
) -> Verification:
    """All chains, or one sitting's, as they are at one moment; `public_key` is that of the checkpoints.

    The chains must have the heads `noted` before; one of which nothing else tells any more is cut off from its start.
    """
    noted = noted or {}
    async with database.transaction() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        chains = {sitting_id} if sitting_id else await _chains(session) | noted.keys()
        walks = [ChainWalk(chain, public_key, noted.get(chain, ())) for chain in sorted(chains)]
        found = [await _walk(session, walk) for walk in walks]
        breaks = [one for one in found if one is not None]
        return Verification(
            chains=len(walks),
            events=sum(walk.head.sequence for walk in walks),
            noted=sum(len(noted.get(chain, ())) for chain in chains),
            breaks=breaks,
            alterable=await alterable(session),
        )


async def _chains(session: AsyncSession) -> set[UUID]:
    return set((await session.execute(CHAINS, {"outside": OUTSIDE})).scalars())


async def _walk(session: AsyncSession, walk: ChainWalk) -> Break | None:
    async with aclosing(audit_links.links(session, walk.chain)) as links:
        async for link, checkpoint in links:
            if found := walk.follow(link, checkpoint):
                return found
    if walk.head == START:
        return Break(walk.chain, 1, Fault.truncated)
    head, newest = await audit.head(session, walk.chain), await audit_links.newest_checkpoint(session, walk.chain)
    if found := walk.end(head, newest):
        return found
    differing = (await session.execute(DIFFERING_SEAL, {"chain": walk.chain})).scalar_one()
    return None if differing is None else Break(walk.chain, differing, Fault.seal_differs)
