"""Staff passwords: argon2id with the library's parameters (RFC 9106)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

P = ParamSpec("P")
T = TypeVar("T")

_hasher = PasswordHasher()
_DUMMY_HASH = _hasher.hash("nobody has this password")
_one_at_a_time = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")
"""A hash takes 64 MiB and four threads: many at once would take them from those who sit an exam."""


async def in_turn(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`hash_password` or `verify_password` beside the event loop, when those asked before are done."""
    return await asyncio.wrap_future(_one_at_a_time.submit(work, *args, **kwargs))


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Takes as long for an unknown account (`password_hash` None) as for a known one."""
    try:
        return _hasher.verify(password_hash or _DUMMY_HASH, password) and password_hash is not None
    except VerificationError:
        return False
