"""Who acts."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.core.permissions import Scope


class ActorKind(StrEnum):
    staff = "staff"
    candidate = "candidate"
    system = "system"


@dataclass(frozen=True)
class Actor:
    """`id` is the staff account's or the attempt's; None for the system."""

    kind: ActorKind
    id: UUID | None = None
    scopes: frozenset[Scope] = frozenset()


SYSTEM = Actor(ActorKind.system)
