"""Whose confirmation of a room's record counts."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.room_record import SEALS_NEEDED, Confirmation, confirm, record_digest, sealed_digest

PEOPLE = [uuid4() for _ in range(4)]
DIGESTS = ["a", "b"]
person = st.sampled_from(PEOPLE)
digest = st.sampled_from(DIGESTS)


@given(st.lists(st.tuples(person, digest, st.one_of(st.none(), digest)), max_size=30))
def test_a_room_is_sealed_by_two_people_who_confirmed_the_same_record(
    calls: list[tuple[UUID, str, str | None]],
) -> None:
    """Any order of people who confirm, while the record changes under them; each keeps one confirmation."""
    held: dict[UUID, str] = {}
    for who, present, named in calls:
        confirmations = [Confirmation(*one) for one in held.items()]
        if named not in (present, None) or (named is None and set(held.values()) - {present}):
            with pytest.raises(Problem, match="record_changed"):
                confirm(confirmations, who, present, named)
            continue
        standing = confirm(confirmations, who, present, named)
        assert standing.repeated == (held.get(who) == present)
        held[who] = present
        agreed: list[str | None] = [one for one in held.values() if one == present]
        assert standing.confirmed == len(agreed)
        assert standing.seals == (not standing.repeated and len(agreed) >= SEALS_NEEDED)


def test_the_same_person_counts_once() -> None:
    ann, ben = PEOPLE[:2]
    first = confirm([], ann, "a", None)
    again = confirm([Confirmation(ann, "a")], ann, "a", None)
    second = confirm([Confirmation(ann, "a")], ben, "a", "a")
    assert [(one.confirmed, one.seals) for one in (first, again, second)] == [(1, False), (1, False), (2, True)]


def test_a_confirmation_of_an_older_record_does_not_count() -> None:
    ann, ben = PEOPLE[:2]
    outdated = [Confirmation(ann, "old")]
    for named in ("old", None):
        with pytest.raises(Problem, match="record_changed"):
            confirm(outdated, ben, "new", named)
    assert confirm(outdated, ben, "new", "new").confirmed == 1
    assert confirm([*outdated, Confirmation(ben, "new")], ann, "new", "new").seals


def test_one_from_before_digests_were_kept_does_not_count() -> None:
    assert not confirm([Confirmation(PEOPLE[0], None)], PEOPLE[1], "a", "a").seals


@given(st.dictionaries(person, st.sampled_from([None, "a", "b", "c"]), max_size=4))
def test_what_was_sealed_is_what_two_people_confirmed(held: dict[UUID, str | None]) -> None:
    agreed: list[str | None] = [one for one in (*DIGESTS, "c") if list(held.values()).count(one) >= SEALS_NEEDED]
    assert sealed_digest([Confirmation(*one) for one in held.items()]) in (agreed or [None])


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=5))
def test_the_digest_is_of_the_content_not_of_its_order(record: dict[str, int]) -> None:
    turned = dict(reversed(record.items()))
    assert record_digest(turned) == record_digest(record)
    assert record_digest(record | {"more": 1}) != record_digest(record | {"more": 2})
