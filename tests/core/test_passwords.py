"""How passwords are hashed; what logins do with it is in tests/routers/test_auth.py."""

from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from app.core.passwords import hash_password, verify_password


def test_the_work_is_that_of_rfc_9106(shipped_hash: str) -> None:
    assert extract_parameters(shipped_hash) == RFC_9106_LOW_MEMORY


def test_a_hash_fits_its_password_alone_and_an_unknown_account_none() -> None:
    known = hash_password("试卷 nobody-guesses 7f3e")
    assert verify_password("试卷 nobody-guesses 7f3e", known)
    assert not verify_password("试卷 nobody-guesses 7f3f", known)
    assert not verify_password("nobody has this password", None)
