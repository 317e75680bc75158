"""Checks a sitting's exported record without the service and its database."""

import json
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from app.core.canonical import canonical_json
from app.core.keyring import verify_signature
from app.domain.audit_chain import Break, ChainWalk, Checkpoint, Fault, Head, Link, instant
from app.schemas.audit import CheckpointRead
from app.schemas.sitting_record import ReceiptFacts, RecordedEvent, SealFacts, SittingRecord, SittingRecordFile
from app.services import receipts


@dataclass(frozen=True)
class RecordFinding:
    """`signed`: the file is, to the byte, what was signed with the key; `receipts`: those whose signature is wrong."""

    record: SittingRecord
    public_key: str
    signed: bool
    broken: Break | None
    receipts: tuple[UUID, ...]

    @property
    def ok(self) -> bool:
        return self.signed and self.broken is None and not self.receipts


def check(file: bytes, public_key: str | None) -> RecordFinding:
    """With the key in the file when `public_key` is None. Raises ValueError when it is no record of a sitting."""
    try:
        parsed = SittingRecordFile.model_validate_json(file, extra="forbid")
        content = json.loads(file)
        canonical = canonical_json(content) == file
        payload = canonical_json(content["record"])
    except (ValidationError, ValueError, RecursionError) as error:
        raise ValueError("not a record of a sitting") from error
    key = parsed.public_key if public_key is None else public_key
    genuine = canonical and parsed.public_key == key and verify_signature(key, payload, parsed.signature)
    return RecordFinding(parsed.record, key, genuine, _broken(parsed.record, key), _unsigned(parsed.record))


def _broken(record: SittingRecord, key: str) -> Break | None:
    chain = record.sitting.id
    walk = ChainWalk(chain, key)
    signed = {checkpoint.sequence: _checkpoint(chain, checkpoint) for checkpoint in record.checkpoints}
    for event in record.events:
        if found := walk.follow(_link(event), signed.get(event.sequence)):
            return found
    newest = signed[max(signed)] if signed else None
    if found := walk.end(Head(record.head.sequence, bytes.fromhex(record.head.hash)), newest):
        return found
    hashes = {event.sequence: event.hash for event in record.events}
    return next(
        (Break(chain, seal.audit_sequence or 0, Fault.seal_differs) for seal in record.seals if _differs(seal, hashes)),
        None,
    )


def _link(event: RecordedEvent) -> Link:
    return Link(event.sequence, bytes.fromhex(event.previous_hash), bytes.fromhex(event.hash), event.content)


def _checkpoint(chain: UUID, checkpoint: CheckpointRead) -> Checkpoint:
    head = Head(checkpoint.sequence, bytes.fromhex(checkpoint.hash))
    return Checkpoint(chain, head, instant(checkpoint.at), checkpoint.signature)


def _differs(seal: SealFacts, hashes: dict[int, str]) -> bool:
    return bool(seal.audit_sequence) and hashes.get(seal.audit_sequence or 0) != seal.audit_hash


def _unsigned(record: SittingRecord) -> tuple[UUID, ...]:
    def genuine(receipt: ReceiptFacts) -> bool:
        content = {"payload": receipt.payload, "signature": receipt.signature, "code": receipt.payload.get("code")}
        return receipts.check_signature(content, record.receipt_public_key).ok

    return tuple(receipt.attempt_id for receipt in record.receipts if not genuine(receipt))
