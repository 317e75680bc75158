"""Roster files over HTTP: what is read, what is refused, and the empty roster to fill in."""

import io
import zipfile
from typing import Any

import httpx
import pytest
import pytest_asyncio
from openpyxl import Workbook, load_workbook

from app.core.context import Context
from app.core.problems import Problem
from app.services.roster_files import read
from tests.builders import Draft, identity, plan_sitting
from tests.conftest import Login
from tests.rosters import faults

HEADER = ["姓名", "身份证号", "准考证号", "考场", "座位号"]


@pytest_asyncio.fixture
async def sitting(context: Context) -> Draft:
    return await plan_sitting(context, {"第一考场": 30})


@pytest_asyncio.fixture
async def officer(http: httpx.AsyncClient, login: Login) -> httpx.AsyncClient:
    """The client with an officer logged in."""
    http.headers.update(await login("officer"))
    return http


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def send(officer: httpx.AsyncClient, sitting: Draft, content: bytes, **query: Any) -> httpx.Response:
    return await officer.post(f"{sitting.path}/entries/import", files={"file": content}, params=query)


async def names(officer: httpx.AsyncClient, sitting: Draft) -> list[str]:
    return [entry["name"] for entry in (await officer.get(f"{sitting.path}/entries")).json()["items"]]


async def test_a_workbook_becomes_entries(officer: httpx.AsyncClient, sitting: Draft) -> None:
    content = workbook(
        ["座位号", "考场", "性别", "证件号码", "姓名", "准考证号"],
        [1, "第一考场", "女", identity(1), "王芳", 888800001111],
        [],
        [None, None, "男", identity(2).lower(), "李明", None],
    )
    answer = await send(officer, sitting, content)
    assert answer.status_code == 201
    report = answer.json()
    assert (report["dry_run"], report["count"], report["ignored_columns"]) == (False, 2, ["性别"])
    first, second = report["items"]
    assert (first["name"], first["room"], first["seat_number"]) == ("王芳", "第一考场", 1)
    assert first["ticket_number"] == "888800001111"
    assert (second["name"], second["room"], second["ticket_number"][7:11]) == ("李明", None, "0001")
    assert await names(officer, sitting) == ["王芳", "李明"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_text_file_is_read_in_its_encoding_and_separator(encoding: str, separator: str) -> None:
    lines = [HEADER, ["买买提", identity(1), "", "第一考场", "3"], ["𠮷田", identity(2), "", "", ""]]
    drafts = read("\r\n".join(separator.join(line) for line in lines).encode(encoding)).drafts
    assert [(draft.name, draft.id_number, draft.room, draft.seat_number) for draft in drafts] == [
        ("买买提", identity(1), "第一考场", 3),
        ("𠮷田", identity(2), None, None),
    ]


async def test_a_text_file_becomes_entries(officer: httpx.AsyncClient, sitting: Draft) -> None:
    assert (await send(officer, sitting, f"姓名,身份证号\n李明,{identity(1)}\n".encode())).status_code == 201
    assert await names(officer, sitting) == ["李明"]


async def test_a_dry_run_reports_what_would_be_and_leaves_nothing(officer: httpx.AsyncClient, sitting: Draft) -> None:
    content = workbook(HEADER, ["王芳", identity(1), None, "第一考场", 1])
    trial = await send(officer, sitting, content, dry_run=True)
    assert trial.status_code == 200
    assert await names(officer, sitting) == []
    real = await send(officer, sitting, content)
    assert real.json() == trial.json() | {"dry_run": False}
    assert await names(officer, sitting) == ["王芳"]


@pytest.mark.parametrize("dry_run", [True, False])
async def test_faults_stand_at_their_rows_and_columns(
    officer: httpx.AsyncClient, sitting: Draft, dry_run: bool
) -> None:
    content = workbook(
        ["姓名", "证件号码", "考场", "座位号"],
        ["王芳", 1.10101199003e17, None, None],
        [],
        ["李明", identity(1), "第一考场", "三"],
        ["李明", identity(1), "第九考场", 1],
        [None, identity(2), None, 1],
    )
    answer = await send(officer, sitting, content, dry_run=dry_run)
    assert faults(answer) == [
        ("row 2, 证件号码", "identity_number_as_number"),
        ("row 4, 座位号", "seat_number_form"),
        ("row 5, 考场", "room_unknown"),
        ("row 5, 证件号码", "value_repeated"),
        ("row 6, 姓名", "value_missing"),
        ("row 6, 考场", "seat_without_room"),
    ]
    assert await names(officer, sitting) == []


async def test_a_file_sent_twice_is_refused_the_second_time(officer: httpx.AsyncClient, sitting: Draft) -> None:
    content = workbook(HEADER, ["王芳", identity(1)])
    assert (await send(officer, sitting, content)).status_code == 201
    assert faults(await send(officer, sitting, content)) == [("row 2, 身份证号", "identity_entered")]


async def test_the_template_is_filled_in_and_imported(officer: httpx.AsyncClient, sitting: Draft) -> None:
    answer = await officer.get(f"{sitting.path}/entries/template.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEADER
    assert sheet.column_dimensions["B"].number_format == sheet["B2"].number_format == "@"
    refused = await send(officer, sitting, answer.content)
    assert faults(refused) == [("row 2, 身份证号", "identity_number_check_digit")]
    sheet.delete_rows(2)
    sheet.append(["王芳", identity(1), None, "第一考场", "1"])
    file = io.BytesIO()
    book.save(file)
    assert (await send(officer, sitting, file.getvalue())).status_code == 201


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return file.getvalue()


def with_sheet(content: bytes) -> bytes:
    """A workbook whose first sheet's XML is replaced."""
    source = zipfile.ZipFile(io.BytesIO(workbook(HEADER, ["王芳", identity(1)])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, content if part.endswith("sheet1.xml") else source.read(part))
    return file.getvalue()


ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
ENTITY_BOMB = f'<!DOCTYPE s [<!ENTITY l0 "{"x" * 100}">{ENTITIES}]><worksheet><sheetData>&l11;</sheetData></worksheet>'

FAR_ROW = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>id_number</t></is></c></row>'
    '<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roster_empty"),
        ("姓名,身份证号\n".encode(), "roster_empty"),
        (b"\xff\xfe\xff", "roster_file_unreadable"),
        (f'姓名,身份证号\n"王芳,{identity(1)}'.encode(), "roster_file_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "roster_file_unreadable"),
        (b"PK\x03\x04" + bytes(500), "roster_file_unreadable"),
        (archive(other=b"no workbook"), "roster_file_unreadable"),
        (workbook(HEADER)[:-30], "roster_file_unreadable"),
        (with_sheet(b"<worksheet><sheetData><row>"), "roster_file_unreadable"),
        (with_sheet(ENTITY_BOMB.encode()), "roster_file_unreadable"),
        (with_sheet(FAR_ROW.encode()), "roster_file_too_large"),
        (archive(bomb=bytes(30 * 1024 * 1024)), "roster_file_too_large"),
        (archive(**{f"part{n}": b"" for n in range(300)}), "roster_file_too_large"),
        (b"a" * (5 * 1024 * 1024 + 1), "roster_file_too_large"),
        (("姓名,身份证号\n" + f"王芳,{identity(1)}\n" * 5001).encode(), "roster_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_that_are_no_rosters_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as refusal:
        read(content)
    assert refusal.value.code == code


@pytest.mark.parametrize("content", [b"a" * (6 * 1024 * 1024), archive(bomb=bytes(30 * 1024 * 1024))])
async def test_a_large_file_is_answered_with_its_own_status(
    officer: httpx.AsyncClient, sitting: Draft, content: bytes
) -> None:
    answer = await send(officer, sitting, content)
    assert (answer.status_code, answer.json()["code"]) == (413, "roster_file_too_large")
