"""Heads of the audit log's chains, from copies kept elsewhere: the service's log, saved pages of audit heads."""

import json
from collections.abc import Iterator, Mapping, Set
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.domain.audit_chain import OUTSIDE, Head

LOGGED = "audit_checkpoint"
"""The event of a log line that tells a head."""

NotedHeads = Mapping[UUID, Set[Head]]
"""By chain."""


class _Noted(BaseModel):
    chain: UUID
    sequence: Annotated[int, Field(ge=1)]
    hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def read(text: str) -> NotedHeads:
    """From one JSON document, or one a line: log lines of `LOGGED`, pages of `GET /audit/heads`, lists of these.

    What stands before the JSON of a line, as log collectors put it there, and every other line are passed over. Raises
    ValueError when a head lacks what makes it one, and when there is none at all.
    """
    documents = _documents(text) or [one for line in text.split("\n") for one in _documents(_from_json(line))]
    heads: dict[UUID, set[Head]] = {}
    for noted in (_Noted.model_validate(fields) for document in documents for fields in _fields(document)):
        heads.setdefault(noted.chain, set()).add(Head(noted.sequence, bytes.fromhex(noted.hash)))
    if not heads:
        raise ValueError("no heads are noted there")
    return heads


def _from_json(line: str) -> str:
    return line if line.startswith("[") else line[max(line.find("{"), 0) :]


def _documents(text: str) -> list[Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return parsed if isinstance(parsed, list) else [parsed]


def _fields(document: Any) -> Iterator[Mapping[str, Any]]:
    match document:
        case {"event": event}:
            if event == LOGGED:
                yield document
        case {"items": [*items]}:
            for item in items:
                if not isinstance(item, Mapping) or "sitting_id" not in item:
                    raise ValueError("not a page of audit heads")
                yield {**item, "chain": OUTSIDE if item["sitting_id"] is None else item["sitting_id"]}
