"""Whatever is done to a chain of links, the walk stops at the first that is not what it was."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.keyring import Keyring
from app.domain.actors import SYSTEM
from app.domain.audit_chain import (
    OUTSIDE,
    START,
    Break,
    ChainWalk,
    Checkpoint,
    Fault,
    Head,
    Link,
    event_content,
    instant,
    link_hash,
    signed_content,
)

KEYRING = Keyring("a secret of the tests that is long enough")
OTHER = Keyring("another secret of the tests, long enough")
SITTING = UUID("01970000-0000-7000-8000-000000000001")
AT = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)


def content(number: int, sitting_id: UUID | None = SITTING, **details: Any) -> dict[str, Any]:
    return dict(
        event_content(
            id=UUID(int=number),
            sitting_id=sitting_id,
            at=AT + timedelta(seconds=number),
            actor=SYSTEM,
            action="attempt.grant",
            subject="attempt",
            subject_id=UUID(int=7),
            details={"seconds": number, "reason": "设备故障"} | details,
            request_id=None,
        )
    )


def extended(links: list[Link], *contents: dict[str, Any]) -> list[Link]:
    """The links, and honest ones after them."""
    links = list(links)
    for one in contents:
        before = Head(links[-1].sequence, links[-1].hash) if links else START
        sequence = before.sequence + 1
        links.append(Link(sequence, before.hash, link_hash(before.hash, sequence, one), one))
    return links


def chain_of(length: int) -> list[Link]:
    return extended([], *(content(number) for number in range(1, length + 1)))


def head_of(links: list[Link]) -> Head:
    return Head(links[-1].sequence, links[-1].hash) if links else START


def signed(head: Head, keyring: Keyring = KEYRING, chain: UUID = SITTING) -> Checkpoint:
    return Checkpoint(chain, head, instant(AT), keyring.sign_audit(signed_content(chain, head, instant(AT))))


def walked(links: list[Link], head: Head, *checkpoints: Checkpoint, noted: Iterable[Head] = ()) -> Break | None:
    walk = ChainWalk(SITTING, KEYRING.audit_public_key, noted)
    of = {checkpoint.head.sequence: checkpoint for checkpoint in checkpoints}
    for link in links:
        if found := walk.follow(link, of.get(link.sequence)):
            return found
    return walk.end(head, checkpoints[-1] if checkpoints else None)


@given(length=st.integers(0, 12))
def test_an_honest_chain_is_unbroken(length: int) -> None:
    links = chain_of(length)
    assert walked(links, head_of(links), *([signed(head_of(links))] if links else [])) is None


@dataclass(frozen=True)
class Damage:
    """A chain of `length` links, damaged at `first`, and for swaps at `second`."""

    length: int
    first: int
    second: int


damages = st.integers(2, 12).flatmap(
    lambda length: (
        st.tuples(st.integers(1, length), st.integers(1, length))
        .filter(lambda pair: pair[0] < pair[1])
        .map(lambda pair: Damage(length, *pair))
    )
)


@given(damages)
def test_a_link_taken_out_is_missing(damage: Damage) -> None:
    links = chain_of(damage.length)
    left = [link for link in links if link.sequence != damage.first]
    assert walked(left, head_of(links)) == Break(SITTING, damage.first, Fault.missing)


@given(damages)
def test_contents_that_were_swapped_are_altered(damage: Damage) -> None:
    links = chain_of(damage.length)
    one, other = links[damage.first - 1], links[damage.second - 1]
    links[damage.first - 1] = replace(one, content=other.content)
    links[damage.second - 1] = replace(other, content=one.content)
    assert walked(links, head_of(links)) == Break(SITTING, damage.first, Fault.altered)


@given(damages)
def test_links_that_were_swapped_do_not_follow(damage: Damage) -> None:
    links = chain_of(damage.length)
    one, other = links[damage.first - 1], links[damage.second - 1]
    links[damage.first - 1] = replace(other, sequence=one.sequence)
    links[damage.second - 1] = replace(one, sequence=other.sequence)
    assert walked(links, head_of(chain_of(damage.length))) == Break(SITTING, damage.first, Fault.wrong_previous)


@given(damages)
def test_an_event_rewritten_with_its_hash_breaks_at_the_next(damage: Damage) -> None:
    links = chain_of(damage.length)
    honest = head_of(links)
    links[damage.first - 1] = extended(links[: damage.first - 1], content(99))[-1]
    assert walked(links, honest) == Break(SITTING, damage.first + 1, Fault.wrong_previous)


@given(damages)
def test_a_tail_rewritten_with_its_head_contradicts_what_was_signed(damage: Damage) -> None:
    links = chain_of(damage.length)
    checkpoint = signed(head_of(links[: damage.second]))
    forged = extended(
        links[: damage.first - 1], *(content(number + 50) for number in range(damage.first, damage.length + 1))
    )
    assert walked(forged, head_of(forged), checkpoint) == Break(SITTING, damage.second, Fault.checkpoint_differs)


@given(damages)
def test_an_end_that_was_cut_off_is_missed(damage: Damage) -> None:
    links = chain_of(damage.length)
    left = links[: damage.first]
    cut = Break(SITTING, damage.first + 1, Fault.truncated)
    assert walked(left, head_of(links)) == cut, "with the head left"
    assert walked(left, head_of(left), signed(head_of(links))) == cut, "with the head put back"
    assert walked([], START, signed(head_of(links))) == Break(SITTING, 1, Fault.truncated), "with the whole chain"


@given(damages)
def test_a_link_put_in_is_found(damage: Damage) -> None:
    links = chain_of(damage.length)
    put_in = extended(links[: damage.first], content(99))
    moved = [replace(link, sequence=link.sequence + 1) for link in links[damage.first :]]
    assert walked(put_in + moved, head_of(links)) == Break(SITTING, damage.first + 2, Fault.wrong_previous)
    assert walked(extended(links, content(99)), head_of(links)) == Break(
        SITTING, damage.length + 1, Fault.head_differs
    ), "at the end"


def test_a_signature_by_another_key_is_forged() -> None:
    links = chain_of(3)
    assert walked(links, head_of(links), signed(head_of(links), OTHER)) == Break(SITTING, 3, Fault.checkpoint_forged)
    beyond = signed(Head(9, bytes(32)), OTHER)
    assert walked(links, head_of(links), beyond) == Break(SITTING, 9, Fault.checkpoint_forged)


def test_a_signature_for_another_chain_is_forged() -> None:
    links = chain_of(1)
    foreign = replace(signed(head_of(links), chain=OUTSIDE), chain=SITTING)
    assert walked(links, head_of(links), foreign) == Break(SITTING, 1, Fault.checkpoint_forged)


@pytest.mark.parametrize("sitting_id", [None, UUID(int=5)])
def test_an_honest_event_of_another_chain_is_found(sitting_id: UUID | None) -> None:
    links = extended(chain_of(1), content(2, sitting_id))
    assert walked(links, head_of(links)) == Break(SITTING, 2, Fault.wrong_chain)


@pytest.mark.parametrize("details", [{"share": 0.5}, {"areas": [{"points": 1.0}]}, {"far": float("inf")}])
def test_fractions_are_refused(details: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="fraction"):
        content(1, **details)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])))
def test_an_instant_does_not_depend_on_the_zone_it_is_told_in(time: datetime) -> None:
    if not 2 <= time.year <= 9998:
        return
    written = instant(time)
    assert datetime.fromisoformat(written) == time
    assert written == instant(time.astimezone(timezone(timedelta(hours=-5))))
    assert len(written) == len("2027-03-06T01:00:00.000000+00:00")


def test_hashes_depend_on_all_that_goes_into_them() -> None:
    hashes = {
        link_hash(previous, sequence, content(number))
        for previous in (bytes(32), b"\1" * 32)
        for sequence in (1, 2)
        for number in (1, 2)
    }
    assert len(hashes) == 8
    assert all(link.previous_hash == before.hash for before, link in pairwise(chain_of(5)))


@given(damages)
def test_an_end_cut_off_or_made_anew_with_its_head_contradicts_the_heads_noted_elsewhere(damage: Damage) -> None:
    honest = chain_of(damage.length)
    noted = [head_of(honest[: damage.first]), head_of(honest)]
    assert walked(honest, head_of(honest), noted=noted) is None
    for kept in (damage.first - 1, damage.second - 1):
        cut = honest[:kept]
        assert walked(cut, head_of(cut)) is None
        assert walked(cut, head_of(cut), noted=noted) == Break(SITTING, kept + 1, Fault.truncated)
    anew = extended(honest[: damage.first - 1], *(content(99 + more) for more in range(damage.length)))
    assert walked(anew, head_of(anew), signed(head_of(anew)), noted=noted) == Break(
        SITTING, damage.first, Fault.noted_differs
    )


def test_heads_noted_of_one_sequence_that_contradict_each_other_are_found() -> None:
    links = chain_of(3)
    other = Head(2, bytes(32))
    assert walked(links, head_of(links), noted=[head_of(links[:2]), other]) == Break(SITTING, 2, Fault.noted_differs)
