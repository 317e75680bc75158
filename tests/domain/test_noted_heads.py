"""Heads are read from what operators keep: the service's log as collectors write it, and saved pages of heads."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit_chain import OUTSIDE, Head
from app.domain.noted_heads import read

SITTING = "01970000-0000-7000-8000-000000000001"
HASH = "9f86d081884c7d65" * 4
SEVENTEENTH = {Head(17, bytes.fromhex(HASH))}


def logged(sequence: int = 17, **other: Any) -> str:
    line = {"chain": SITTING, "sequence": sequence, "hash": HASH, "event": "audit_checkpoint", "level": "info"}
    return json.dumps(line | other)


def page(*sitting_ids: str | None) -> dict[str, Any]:
    heads = [{"sitting_id": one, "sequence": 17, "hash": HASH, "checkpoint": None} for one in sitting_ids]
    return {"items": heads, "next_cursor": None}


def test_lines_of_the_log_are_read_and_others_passed_over() -> None:
    text = "\n".join(
        ["started", logged(), '{"event": "sweep_failed", "items": [1]}', "", logged(), "{cut", "[]", "7", logged(18)]
    )
    (heads,) = read(text).values()
    assert sorted(head.sequence for head in heads) == [17, 18], "what several processes logged counts once"


def test_what_collectors_put_before_a_line_does_not_matter() -> None:
    for before in ("api-1  | ", "Mar 06 09:00:00 host kaochang[7]: "):
        assert list(read(before + logged()).values()) == [SEVENTEENTH]


@pytest.mark.parametrize("indent", [None, 2])
def test_pages_of_heads_are_read_one_or_as_a_list(indent: int | None) -> None:
    for document in (page(SITTING, None), [page(SITTING), page(None)]):
        found = {str(chain): heads for chain, heads in read(json.dumps(document, indent=indent)).items()}
        assert found == {SITTING: SEVENTEENTH, str(OUTSIDE): SEVENTEENTH}


def test_pages_of_heads_are_read_one_a_line() -> None:
    assert len(read(f"{json.dumps(page(SITTING))}\r\n{json.dumps(page(None))}\n")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"items": []}',
        "an audit_checkpoint for the eye",
        logged(hash="9f86"),
        logged(sequence=0),
        logged(chain="room 1"),
        '{"event": "audit_checkpoint"}',
        '{"items": [{"sequence": 17}]}',
        '{"items": [17]}',
    ],
)
def test_a_file_without_heads_or_with_damaged_ones_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"heads|_Noted"):
        read(text)


@given(st.text(max_size=200))
def test_whatever_else_stands_in_a_log_hides_no_head(noise: str) -> None:
    assert list(read(f"{noise}\n{logged()}\n{noise}").values()) == [SEVENTEENTH]
