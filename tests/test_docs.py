"""What the documents say of the code is so."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.core.permissions import ROLE_SCOPES, Role, Scope

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
NAMED = re.compile(r"`((?:app|tests|docs|alembic)/[\w./-]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_list_of_problems_is_the_catalogue() -> None:
    """Made anew by `kaochang problems > docs/problems.md`."""
    assert CliRunner().invoke(app, ["problems"]).output == text_of("docs/problems.md")


def test_the_table_of_roles_is_the_code() -> None:
    table = re.findall(r"^\| `(\w+:\w+)` \|(.*)\|$", text_of("docs/architecture.md"), re.MULTILINE)
    documented = {scope: [bool(cell.strip()) for cell in cells.split("|")] for scope, cells in table}
    assert documented == {
        scope.value: [scope in ROLE_SCOPES[role] for role in Role] for scope in Scope if scope is not Scope.exam_sit
    }


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(page.name[:4]) for page in ROOT.glob("docs/decisions/*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_files_named_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = [name for name in NAMED.findall(text) if not (ROOT / name).exists()]
    linked = [
        f"{path}#{anchor}"
        for path, anchor in LINK.findall(text)
        if not (page.parent / path).exists() or (anchor and anchor not in anchors(page.parent / path if path else page))
    ]
    assert (named, linked) == ([], [])


def test_both_languages_quote_the_same_output() -> None:
    pages = ("docs/walkthrough.md", "docs/walkthrough.zh-CN.md")
    english, chinese = (BLOCK.findall(text_of(page)) for page in pages)
    assert [block for block in english if "$ " in block] == [block for block in chinese if "$ " in block]


def test_the_walkthrough_quotes_every_part_of_the_walk() -> None:
    parts = re.findall(r"^say '(.*)'$", text_of("docs/walk.sh"), re.MULTILINE)
    quoted = re.findall(r"^== (.*)$", text_of("docs/walkthrough.md"), re.MULTILINE)
    assert parts == quoted
