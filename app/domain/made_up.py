"""Names and well-formed identity numbers of nobody, for demonstrations and rehearsals."""

from collections.abc import Iterator
from datetime import date, timedelta

from app.domain.identity import make_identity_number

REGION = "999999"
"""No region has this code, so that nobody has a number that begins with it."""

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN_NAMES = (
    "伟",
    "芳",
    "秀英",
    "敏",
    "静",
    "志强",
    "丽",
    "磊",
    "洋",
    "艳",
    "勇",
    "俊杰",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
)


def made_up_identities() -> Iterator[tuple[str, str]]:
    """Name and identity number, always the same in the same order, without end."""
    number = 0
    while True:
        surname = SURNAMES[number % len(SURNAMES)]
        given = GIVEN_NAMES[number // len(SURNAMES) % len(GIVEN_NAMES)]
        born = date(1980, 1, 1) + timedelta(days=number // 1000)
        yield surname + given, make_identity_number(born, REGION, number % 1000)
        number += 1
