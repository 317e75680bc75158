"""How passwords are hashed; what logins do with it is in tests/routers/test_auth.py."""

import asyncio
import threading

from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from app.core.passwords import hash_password, in_turn, verify_password


def test_the_work_is_that_of_rfc_9106(shipped_hash: str) -> None:
    assert extract_parameters(shipped_hash) == RFC_9106_LOW_MEMORY


def test_a_hash_fits_its_password_alone_and_an_unknown_account_none() -> None:
    known = hash_password("试卷 nobody-guesses 7f3e")
    assert verify_password("试卷 nobody-guesses 7f3e", known)
    assert not verify_password("试卷 nobody-guesses 7f3f", known)
    assert not verify_password("nobody has this password", None)


async def test_one_password_is_hashed_at_a_time() -> None:
    hashing = threading.Lock()

    def alone(password: str) -> bool:
        free = hashing.acquire(blocking=False)
        PasswordHasher().hash(password)
        if free:
            hashing.release()
        return free

    assert await asyncio.gather(*(in_turn(alone, f"password {number}") for number in range(8))) == [True] * 8
