"""When two logins come from the same device."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.devices import lease_name

NAMES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=100)
SECRETS = st.none() | st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=32, max_size=100)


@given(st.tuples(NAMES, SECRETS), st.tuples(NAMES, SECRETS))
def test_only_the_same_name_with_the_same_secret_is_the_same_device(
    one: tuple[str, str | None], other: tuple[str, str | None]
) -> None:
    assert (lease_name(*one) == lease_name(*other)) is (one == other)


@given(NAMES, NAMES, SECRETS)
def test_no_name_can_pass_for_a_device_with_a_secret(name: str, other: str, secret: str | None) -> None:
    if secret is not None:
        assert lease_name(name, secret) != other
