"""What the proctor's guide says of the code is so, in both languages, and every call in it is one of the walk's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.problem_catalog import CATALOG
from app.domain.reasons import REASONS, TAXONOMY_VERSION, Reasoned
from app.routers.errors import MEDIA_TYPE
from app.schemas.board import AttemptRow
from app.services.alarm_rules import kinds
from tests.test_openapi import OPERATIONS

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = {"zh": "proctor-guide.zh-CN.md", "en": "proctor-guide.md"}
CALL = re.compile(r"^((?:\w+=\S+ )*(?:proctor|second|chief|officer|auditor) [A-Z]+ .*)$", re.MULTILINE)
CODE = re.compile(r"`([a-z_]+)`")


@pytest.fixture(params=GUIDES)
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def guide(language: str) -> str:
    return (DOCS / GUIDES[language]).read_text(encoding="utf-8")


def rows(guide: str, first: str) -> Iterator[list[str]]:
    """Cells of the rows below the table's head that begins with `first`."""
    body = guide.partition(f"\n| {first} |")[2].partition("\n\n")[0]
    for line in body.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_every_call_is_made_by_the_walk_in_the_same_section(guide: str) -> None:
    walk = (DOCS / "walk-proctor.sh").read_text(encoding="utf-8").split("\nsay ")[1:]
    sections = re.split(r"^## \d+\. ", guide, flags=re.MULTILINE)[1:]
    assert len(sections) == len(walk)
    assert all(CALL.search(section) for section in sections)
    assert [
        call for section, part in zip(sections, walk, strict=True) for call in CALL.findall(section) if call not in part
    ] == []


def test_sections_bear_the_names_of_the_walk() -> None:
    guide = (DOCS / GUIDES["en"]).read_text(encoding="utf-8")
    walk = (DOCS / "walk-proctor.sh").read_text(encoding="utf-8")
    assert re.findall(r"^## \d+\. (.*)$", guide, re.MULTILINE) == re.findall(r"^say '(.*)'$", walk, re.MULTILINE)


def test_both_languages_make_the_same_calls() -> None:
    zh, en = ((DOCS / name).read_text(encoding="utf-8") for name in GUIDES.values())
    assert CALL.findall(zh) == CALL.findall(en)


def test_the_reasons_are_the_taxonomy(guide: str, language: str) -> None:
    head = "代码 | 原因" if language == "zh" else "code | reason"
    assert list(rows(guide, head)) == [
        [f"`{reason}`", getattr(entry, language), "✓" if entry.stops_clock else ""]
        + ["✓" if command in entry.fits else "" for command in Reasoned]
        for reason, entry in REASONS.items()
    ]
    assert re.search(rf"(分类第|version) {TAXONOMY_VERSION}\b", guide)


def test_the_kinds_of_incidents_are_the_rules(guide: str, language: str) -> None:
    found = {row[0]: row for row in rows(guide, "种类" if language == "zh" else "kind")}
    assert set(found) == {f"`{kind}`" for kind in kinds()}
    for kind, known in kinds().items():
        _, name, severity, alarm = found[f"`{kind}`"]
        after = known.rule.alarm_after
        assert (name, severity) == (getattr(known, language), known.rule.severity)
        assert {int(number) for number in re.findall(r"\d+", alarm)} == (
            set() if after is None else {after.count, after.within_seconds}
        )


def test_every_column_of_the_board_is_told(guide: str, language: str) -> None:
    told = {name for row in rows(guide, "栏目" if language == "zh" else "column") for name in CODE.findall(row[0])}
    assert told == set(AttemptRow.model_fields)


def test_every_refusal_of_a_proctors_call_is_told(guide: str, language: str) -> None:
    told = {
        code
        for row in rows(guide, "代码 | 怎么办" if language == "zh" else "code | what to do")
        for code in CODE.findall(row[0])
    }
    assert told <= set(CATALOG)
    assert refusals() - told == set()


def refusals() -> set[str]:
    """Codes that the proctors' routes may answer with."""
    return {
        code
        for name, operation in OPERATIONS.items()
        if "/proctor/" in name or name.endswith("/alarm-rules")
        for response in operation["responses"].values()
        for code in response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", ())
    }
