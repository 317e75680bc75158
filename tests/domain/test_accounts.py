"""Which passwords staff may choose."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.accounts import MINIMUM_LENGTH, USERNAME_PATTERN, password_faults


def codes(password: str, username: str = "wang.fang") -> set[str]:
    return {fault.code for fault in password_faults(password, username)}


@pytest.mark.parametrize(
    "password", ["correct horse battery", "Xk3-9ufP_2mQ", "春风又绿江南岸明月何时照我还", "x7 Quiet-lamp river"]
)
def test_long_and_hard_to_guess_is_good_enough(password: str) -> None:
    assert codes(password) == set()


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password123456",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "1234567890123",
        "aaaaaaaaaaaaaaaa",
        "abcdefghijkl",
        "kaochang2026!",
    ],
)
def test_common_passwords_and_patterns_are_refused(password: str) -> None:
    assert codes(password) == {"password_guessable"}


def test_the_user_name_in_it_is_refused_in_any_case() -> None:
    assert "password_contains_username" in codes("x7 WANG.Fang river lamp")
    assert codes("x7 WANG.Fang river lamp", "li.na") == set()


def test_twelve_characters_are_the_least() -> None:
    assert codes("Xk3-9ufP_2mQ"[:11]) == {"password_too_short"}
    assert "password_too_short" in codes("")


@given(st.text(max_size=300), st.from_regex(USERNAME_PATTERN, fullmatch=True))
def test_every_text_gets_a_verdict_and_none_too_short_passes(password: str, username: str) -> None:
    found = codes(password, username)
    assert ("password_too_short" in found) == (len(password) < MINIMUM_LENGTH)
    assert found or username.lower() not in password.lower()


@pytest.mark.parametrize("username", ["ab", ".abc", "王芳芳", "a b c", "abc\n", "a" * 33, "a\x00b", ""])
def test_user_names_are_3_to_32_plain_characters(username: str) -> None:
    assert re.fullmatch(USERNAME_PATTERN, username) is None
