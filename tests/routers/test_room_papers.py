"""The papers of exam day over HTTP: their text, the font in them, the code on a ticket; printing is recorded."""

from datetime import date
from io import BytesIO
from typing import Any

import httpx
import typst
import zxingcpp
from PIL import Image
from pypdf import PageObject, PdfReader

from app.core.context import Context
from app.core.ids import new_id
from app.domain.identity import make_identity_number
from app.models.entry import Candidate, Entry
from app.models.sitting import Room
from app.services.printing import typesetting
from app.services.printing.papers import PART, Printer
from app.services.printing.sheets import Sheet
from tests.conftest import FixedClock
from tests.halls import Hall, open_hall
from tests.incidents import reported
from tests.room_days import room_path, whole_day
from tests.rows import sql

LIMIT = 200_000
"""Bytes of one paper of an ordinary room: the font is embedded as a subset."""


async def printed(http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> PdfReader:
    answer = await http.get(path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    assert int(answer.headers["content-length"]) == len(answer.content) < LIMIT
    assert answer.headers["cache-control"] == "no-store"
    return PdfReader(BytesIO(answer.content))


def text_of(pdf: PdfReader) -> str:
    return "".join("".join(page.extract_text() for page in pdf.pages).replace("\u200b", "").split())


def heights_of(page: PageObject) -> list[float]:
    """Where each piece of text stands above the page's lower edge, in points (ISO 32000-1, 8.3.2)."""
    heights: list[float] = []

    def visit(text: str, matrix: list[float], place: list[float], *_: Any) -> None:
        if text.strip():
            heights.append(place[4] * matrix[1] + place[5] * matrix[3] + matrix[5])

    page.extract_text(visitor_text=visit)
    return heights


def embedded_fonts(pdf: PdfReader) -> set[str]:
    """Of all fonts that carry their own (subset) program, the names without the subset's tag."""
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    programs = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
    assert all("/FontFile3" in program for program in programs)
    return {program["/FontName"].partition("+")[2] for program in programs}


async def test_papers_name_every_candidate_and_embed_the_font(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await whole_day(http, context, clock)
    sitting = f"/api/v1/sittings/{hall.sitting_id}"
    officer = hall.headers(hall.officer)
    masked = [f"{who.id_number[:6]}********{who.id_number[-4:]}" for who in hall.seated]
    papers = {
        paper: await printed(http, f"{room_path(hall)}/{paper}", hall.proctor)
        for paper in ("record.pdf", "sign-in-sheet.pdf", "seat-map.pdf")
    } | {"tickets.pdf": await printed(http, f"{sitting}/tickets.pdf", officer)}
    for paper, pdf in papers.items():
        text = text_of(pdf)
        for seat, who in enumerate(hall.seated, start=1):
            assert f"考生{seat}" in text, paper
            assert who.ticket_number in text, paper
            assert who.id_number not in text, paper
        assert ("seat-map" in paper) or all(number in text for number in masked), paper
        assert "第一考场" in text, paper
        assert "灯塔管理员" in text, paper
        assert [item.stem for item in hall.paper.items if item.stem in text] == []
        assert embedded_fonts(pdf) == {"NotoSansCJKtc-Regular"}, paper

    record = text_of(papers["record.pdf"])
    for told in ("键盘失灵", "停电", "考生违纪", "夹带", "楼上施工", "10:00", "09:05:00", "Asia/Shanghai", "1.9.3"):
        assert told in record, told
    digest = (await http.get(f"{room_path(hall)}/record", headers=hall.proctor)).json()["record_digest"]
    assert digest in record


async def test_notes_longer_than_a_page_go_on_on_the_next(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    incident = await reported(http, hall)
    for _ in range(3):
        body = {"text": "收缴手机" * 250}
        added = await http.post(f"/api/v1/proctor/incidents/{incident['id']}/notes", headers=hall.proctor, json=body)
        assert added.status_code == 201, added.text
    pdf = await printed(http, f"{room_path(hall)}/record.pdf", hall.proctor)
    assert text_of(pdf).count("收缴手机") >= 3 * 250 - len(pdf.pages), "but for what a page's end parts"
    for page in pdf.pages:
        assert all(0 < height < float(page.mediabox.height) for height in heights_of(page))


async def test_tickets_tell_the_rules_of_the_sitting(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context, late_entry_minutes=15, earliest_submission_minutes=45)
    path = f"/api/v1/sittings/{hall.sitting_id}/tickets.pdf"
    text = text_of(await printed(http, path, hall.headers(hall.officer)))
    for told in ("2027-03-0609:00–10:30", "09:15后停止入场", "09:45后方可交卷", "10:30统一结束", "闭卷", "1.9.2"):
        assert told in text, told


async def tickets_of(hall: Hall) -> Sheet:
    context = hall.context
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        printer = Printer(session, context.keyring, context.settings.time_zone, hall.officer, now)
        return await printer.tickets(hall.sitting_id, None)


async def test_the_code_on_a_ticket_is_its_number(context: Context) -> None:
    hall = await open_hall(context, candidates=3)
    sheet = await tickets_of(hall)
    pages = typst.Compiler(font_paths=typesetting.fonts(), root=typesetting.ROOT).compile(
        input=typesetting.ROOT / "printing" / "tickets.typ",
        format="png",
        sys_inputs=typesetting.inputs(sheet.parts[0], sheet.zone),
    )
    assert isinstance(pages, list)
    found = [code.text for page in pages for code in zxingcpp.read_barcodes(Image.open(BytesIO(page)).convert("L"))]
    assert sorted(found) == [who.ticket_number for who in hall.seated]


async def test_a_long_run_of_tickets_is_set_part_by_part(context: Context) -> None:
    hall = await open_hall(context, candidates=PART + 1)
    sheet = await tickets_of(hall)
    assert [len(part["entries"]) for part in sheet.parts] == [PART, 1]
    assert len(PdfReader(BytesIO(await typesetting.pdf(sheet))).pages) == PART // 2 + 1


async def test_before_the_sitting_is_frozen_papers_say_so(http: httpx.AsyncClient, context: Context) -> None:
    """And who has no seat yet has a ticket that says that."""
    hall = await open_hall(context, candidates=1)
    await sql(context, "UPDATE sitting SET state = 'draft'")
    number = make_identity_number(date(1999, 1, 1))
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        candidate = Candidate(
            id=new_id(),
            name="候座",
            identity_sealed=context.keyring.encrypt_identity(number),
            identity_index=context.keyring.identity_index(number),
            created_at=now,
        )
        session.add(candidate)
        await session.flush()
        session.add(Entry(sitting_id=hall.sitting_id, candidate_id=candidate.id, ticket_number="T9", created_at=now))
    sitting = f"/api/v1/sittings/{hall.sitting_id}"
    officer = hall.headers(hall.officer)
    tickets = text_of(await printed(http, f"{sitting}/tickets.pdf", officer))
    assert ("草稿" in tickets, "候座" in tickets, "待定" in tickets) == (True, True, True)
    of_room = text_of(await printed(http, f"{sitting}/tickets.pdf?room_id={hall.room_id}", officer))
    assert ("考生1" in of_room, "候座" in of_room) == (True, False)
    for paper in ("sign-in-sheet", "seat-map"):
        text = text_of(await printed(http, f"{sitting}/rooms/{hall.room_id}/{paper}.pdf", officer))
        assert ("草稿" in text, "候座" in text) == (True, False)


async def test_rooms_of_every_shape_have_papers(http: httpx.AsyncClient, context: Context) -> None:
    """Empty, one seat wide, and wider than a page."""
    hall = await open_hall(context, candidates=1)
    async with context.database.transaction() as session:
        empty = Room(sitting_id=hall.sitting_id, id=new_id(), name="空考场", seats=3, seats_per_row=1)
        wide = Room(sitting_id=hall.sitting_id, id=new_id(), name="大考场", seats=60, seats_per_row=25)
        session.add_all([empty, wide])
    for room, pages in ((empty, 2), (wide, 4)):
        path = f"{room_path(hall).rpartition('/')[0]}/{room.id}"
        plan = await printed(http, f"{path}/seat-map.pdf", hall.chief)
        assert (len(plan.pages), "没有考生" in text_of(plan)) == (pages, True)
        for paper in ("sign-in-sheet", "record"):
            await printed(http, f"{path}/{paper}.pdf", hall.chief)


async def test_printing_is_an_export_in_the_audit_log(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    for paper in ("record.pdf", "sign-in-sheet.pdf", "seat-map.pdf"):
        await printed(http, f"{room_path(hall)}/{paper}", hall.proctor)
    await printed(http, f"/api/v1/sittings/{hall.sitting_id}/tickets.pdf", hall.headers(hall.officer))
    query = "SELECT action, actor_id, details FROM audit_event WHERE action LIKE '%.export' ORDER BY sequence"
    assert await sql(context, query) == [
        ("room.export", hall.proctors[0].id, {"document": "room_record"}),
        ("room.export", hall.proctors[0].id, {"document": "sign_in_sheet"}),
        ("room.export", hall.proctors[0].id, {"document": "seat_map"}),
        ("sitting.export", hall.officer.id, {"document": "tickets", "count": 2}),
    ]
