"""From an acknowledged save to the row on the stream."""

import pytest

from bench.parts.writing import delays


def test_each_reader_waits_for_the_first_row_that_counts_the_save() -> None:
    acked = [(10.0, "one", 1), (12.0, "one", 2)]
    shown = [(0, 9.0, "one", 0), (0, 10.3, "one", 1), (1, 12.4, "one", 2), (0, 12.1, "one", 2)]
    waited, missed = delays(acked, shown)
    assert waited == pytest.approx([0.3, 2.4, 0.1, 0.4]), "the second reader was shown both at once"
    assert missed == 0


def test_a_row_before_the_acknowledgement_took_no_time() -> None:
    assert delays([(10.0, "one", 1)], [(0, 9.9, "one", 1)]) == ([0.0], 0)


def test_what_no_row_counts_is_missed() -> None:
    assert delays([(10.0, "one", 1), (11.0, "one", 2)], [(0, 10.5, "one", 1)]) == ([0.5], 1)
    assert delays([(10.0, "one", 1)], []) == ([], 1), "nobody was shown the candidate at all"
