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

    def account(self) -> UUID:
        """The id. Raises ValueError for the system, which has none."""
        if self.id is None:
            raise ValueError("the system has no account")
        return self.id


SYSTEM = Actor(ActorKind.system)
