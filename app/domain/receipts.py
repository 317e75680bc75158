"""The receipt of a hand-in: enough to check later that what was graded is what was handed in."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.canonical import canonical_json
from app.domain.answers import StoredAnswers

CODE_LENGTH = 8


def make_receipt(
    *,
    sitting_id: UUID,
    attempt_id: UUID,
    ticket_number: str,
    paper_hash: str,
    frozen_hash: str,
    submitted_at: datetime,
    submitted_by: str,
    items: int,
    stored: StoredAnswers,
) -> dict[str, Any]:
    """The content that is signed."""
    content = {
        "version": 1,
        "sitting_id": str(sitting_id),
        "attempt_id": str(attempt_id),
        "ticket_number": ticket_number,
        "paper_hash": paper_hash,
        "frozen_hash": frozen_hash,
        "submitted_at": submitted_at.isoformat(),
        "submitted_by": submitted_by,
        "items": items,
        "answered": sum(1 for answer in stored.answers.values() if answer),
        "last_sequence": stored.last_sequence,
        "responses_digest": stored.digest,
    }
    return content | {"code": receipt_code(content)}


def receipt_code(content: Mapping[str, Any]) -> str:
    """Eight letters and digits that a person can read out: base32 of the SHA-256 over the content without `code`."""
    plain = {name: value for name, value in content.items() if name != "code"}
    raw = hashlib.sha256(canonical_json(plain)).digest()
    return base64.b32encode(raw).decode()[:CODE_LENGTH]
