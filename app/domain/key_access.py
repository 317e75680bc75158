"""Who reads the keys of items: by permission, and not while a sealed paper that is in use holds them."""

from collections.abc import Collection

from app.core.permissions import Scope
from app.core.problems import Problem
from app.domain.actors import Actor, ActorKind
from app.domain.states import SittingState

LOCKING = frozenset({SittingState.ready, SittingState.live, SittingState.closed})
"""A sitting in these states locks the items of its papers, unless it is a rehearsal, whose papers are no secret."""

KEY_BOUND = frozenset({"type", "options"})
"""Members of an item that say which keys are possible, so that the key must fit them."""


def reads_keys(actor: Actor, *, locked: bool) -> bool:
    """Whether the actor may read an item's key; of a locked item only with `papers:read_keys` as well."""
    if actor.kind is ActorKind.system:
        return True
    needed = {Scope.items_read_keys, Scope.papers_read_keys} if locked else {Scope.items_read_keys}
    return needed <= actor.scopes


def require_own_key(changed: Collection[str]) -> None:
    """Raises Problem `item_key_needed` for a change from which one who may not read the key would learn it."""
    if KEY_BOUND & set(changed) and "key" not in changed:
        raise Problem("item_key_needed")
