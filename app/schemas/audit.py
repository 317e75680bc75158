"""The audit log as auditors see it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.actors import ActorKind
from app.domain.audit_chain import Fault
from app.schemas.shared import Output

Sequence = Annotated[
    int, Field(description="链内序号，从 1 起无缺号 Within its chain, from 1 without gaps.", examples=[17])
]
Hash = Annotated[str, Field(description="SHA-256，十六进制 Hexadecimal.", examples=["9f86d081884c7d65" * 4])]
SittingOfChain = Annotated[
    UUID | None, Field(description="场次；不属于任何场次的事件为 null The sitting; null for what belongs to none.")
]


class AuditEventRead(Output):
    """One link: `hash` is the SHA-256 over `previous_hash`, the sequence and the digest of the rest."""

    id: UUID
    sitting_id: SittingOfChain
    sequence: Sequence
    at: datetime
    actor_kind: ActorKind
    actor_id: Annotated[UUID | None, Field(description="工作人员或作答 The staff account, or the attempt.")]
    action: Annotated[str, Field(examples=["attempt.grant"])]
    subject: Annotated[str, Field(examples=["attempt"])]
    subject_id: UUID | None
    details: dict[str, Any]
    request_id: str | None
    previous_hash: Hash
    hash: Hash


class CheckpointRead(Output):
    """A head that the service signed: Ed25519 over the canonical JSON of `{chain, sequence, hash, at}`."""

    sequence: Sequence
    hash: Hash
    at: datetime
    signature: Annotated[str, Field(description="Ed25519, base64.")]


class ChainHeadRead(Output):
    """How far a chain has come: noted elsewhere, it proves later that nothing before it was changed or cut off."""

    sitting_id: SittingOfChain
    sequence: Sequence
    hash: Hash
    checkpoint: Annotated[CheckpointRead | None, Field(description="最近签名的链头 The head signed last.")]
    public_key: Annotated[str, Field(description="签名公钥 Of the checkpoint's signature: Ed25519, base64.")]


class ActorNameRead(Output):
    id: UUID
    name: str


class BreakRead(Output):
    """The first link of a chain that does not hold."""

    sitting_id: SittingOfChain
    sequence: Sequence
    fault: Fault


class VerificationRead(Output):
    """What was walked, and where it is broken; nothing is broken without `breaks`."""

    chains: int
    events: int
    breaks: list[BreakRead]
    alterable: Annotated[
        list[str],
        Field(description="服务本身可改的表，应为空 Tables that the service itself could alter; none is right."),
    ]
