"""Exponents of growth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fit import exponent

sizes = st.lists(st.integers(min_value=1, max_value=10**7), min_size=2, max_size=6, unique=True)


@given(sizes, st.floats(min_value=-2, max_value=2), st.floats(min_value=1e-3, max_value=1e3))
def test_a_power_law_gives_its_exponent(sizes: list[int], power: float, factor: float) -> None:
    assert exponent(sizes, [factor * size**power for size in sizes]) == pytest.approx(power, abs=1e-6)


def test_one_size_alone_tells_no_growth() -> None:
    assert exponent([500, 500], [1.0, 2.0]) is None


def test_the_exponent_lies_between_those_of_the_parts() -> None:
    found = exponent([1, 10, 100], [1.0, 1.0, 10.0])
    assert found is not None
    assert 0 < found < 1
