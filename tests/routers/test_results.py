"""Results over HTTP: listed, exported, confirmed, and checked against receipts."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import openpyxl

from app.core.context import Context
from app.services.sweeper import sweep
from tests.conftest import Login
from tests.halls import Hall, begin, changes, open_hall, right_answers
from tests.rows import rows_of, sql

CHECK = "/api/v1/receipts/check"
Row = dict[str, Any]


async def examined(http: httpx.AsyncClient, context: Context, candidates: int, **settings: Any) -> Hall:
    """A hall where all but the last have handed in all right answers and been graded; the last still writes."""
    hall = await open_hall(context, candidates=candidates, **settings)
    for who in hall.seated:
        token = await begin(http, who)
        await http.put("/api/v1/exam/responses", headers=token, json=changes(await right_answers(hall, who)))
        if who is not hall.seated[-1]:
            answer = await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 8})
            assert answer.status_code == 200, answer.text
    await sweep(context)
    return hall


def results_of(hall: Hall) -> str:
    return f"/api/v1/sittings/{hall.sitting_id}/results"


async def listed(http: httpx.AsyncClient, hall: Hall, **query: Any) -> Row:
    page: Row = (await http.get(results_of(hall), params=query, headers=hall.headers(hall.officer))).json()
    return page


async def test_results_are_listed_by_ticket_number_in_pages(http: httpx.AsyncClient, context: Context) -> None:
    hall = await examined(http, context, 3)
    first = await listed(http, hall, limit=2)
    rest = await listed(http, hall, limit=2, cursor=first["next_cursor"])
    rows = first["items"] + rest["items"]
    assert rest["next_cursor"] is None
    assert [row["ticket_number"] for row in rows] == sorted(who.ticket_number for who in hall.seated)
    assert [(row["state"], row["attempt_state"]) for row in rows] == [
        ("graded", "submitted"),
        ("graded", "submitted"),
        ("pending", "in_progress"),
    ]
    for row in rows[:2]:
        assert Decimal(row["total"]) == Decimal(row["maximum"]) == 10
        assert {area["area"]: Decimal(area["points"]) for area in row["areas"]} == {"甲": 5, "乙": 5}
        assert Decimal(row["pass_mark"]) == 35, "the made-up standard's mark"
        assert row["passed"] is False
        assert row["paper_hash"] == hall.paper.content_hash
    assert (rows[2]["total"], rows[2]["passed"], rows[2]["areas"]) == (None, None, [])
    officer = hall.headers(hall.officer)
    unknown = await http.get(f"/api/v1/sittings/{UUID(int=0)}/results", headers=officer)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_items_are_told_by_form_and_place_over_those_who_are_graded(
    http: httpx.AsyncClient, context: Context
) -> None:
    hall = await examined(http, context, 3)
    answer = await http.get(f"{results_of(hall)}/items", headers=hall.headers(hall.officer))
    rows = answer.json()["items"]
    assert [row["position"] for row in rows] == [item.position for item in hall.paper.items]
    assert {(row["candidates"], row["unanswered"], row["full"], row["facility"]) for row in rows} == {(2, 0, 2, 1)}
    assert not {"key", "stem", "options"} & set(rows[0])


async def test_the_workbook_has_every_candidate_and_never_a_formula(
    http: httpx.AsyncClient, context: Context, login: Login
) -> None:
    hall = await examined(http, context, 5)
    names = ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "李明"]
    for who, name in zip(hall.seated, names, strict=True):
        await sql(
            context,
            "UPDATE candidate SET name = :name FROM entry e WHERE e.candidate_id = candidate.id"
            " AND e.ticket_number = :ticket",
            name=name,
            ticket=who.ticket_number,
        )
    answer = await http.get(f"{results_of(hall)}.xlsx", headers=hall.headers(hall.officer))
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    (sheet,) = openpyxl.load_workbook(BytesIO(answer.content)).worksheets
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    header, *rows = sheet.iter_rows(values_only=True)
    assert [str(cell).split()[0] for cell in header] == [
        *("准考证号", "姓名", "考场", "座位号", "状态"),
        "甲",
        "乙",
        "总分",
        "是否合格",
    ]
    assert [row[1] for row in rows] == [*(f"'{name}" for name in names[:4]), "李明"]
    assert {row[4:] for row in rows[:4]} == {("已交卷", 5, 5, 10, "不合格")}
    assert rows[4][4:] == ("作答中", None, None, None, None)
    query = {"subject_id": str(hall.sitting_id)}
    events = (await http.get("/api/v1/audit", params=query, headers=await login("auditor"))).json()["items"]
    assert events[-1]["action"] == "results.export"


async def test_a_graded_result_is_confirmed_once(http: httpx.AsyncClient, context: Context) -> None:
    hall = await examined(http, context, 2)
    officer, done, writing = hall.headers(hall.officer), *(f"/api/v1/results/{who.attempt_id}" for who in hall.seated)
    body = {"decision": "confirm", "note": "已核对"}
    headers = officer | {"Idempotency-Key": "confirm-1"}
    answers = [await http.post(f"{done}/review", headers=headers, json=body) for _ in range(2)]
    assert [answer.json()["state"] for answer in answers] == ["confirmed"] * 2
    (kept,) = await sql(context, "SELECT state, confirmed_by FROM result")
    assert tuple(kept) == ("confirmed", hall.officer.id)
    before = await rows_of(context)
    again = await http.post(f"{done}/review", headers=officer, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    pending = await http.post(f"{writing}/review", headers=officer, json=body)
    assert (pending.status_code, pending.json()["code"]) == (404, "not_found")
    other = await http.post(f"{done}/review", headers=officer, json={"decision": "reject"})
    assert other.json()["code"] == "invalid_request"
    assert await rows_of(context) == before


async def test_a_voided_result_shows_no_points(http: httpx.AsyncClient, context: Context) -> None:
    hall = await examined(http, context, 2)
    path = f"/api/v1/results/{hall.seated[0].attempt_id}/void"
    answer = await http.post(path, headers=hall.headers(hall.officer), json={"file_number": "鉴〔2027〕1号"})
    assert answer.json()["state"] == "voided"
    row = (await listed(http, hall))["items"][0]
    assert (row["attempt_state"], row["total"], row["passed"], row["areas"]) == ("voided", None, None, [])


async def test_the_sitting_decides_whether_part_of_a_multiple_choice_earns_half(
    http: httpx.AsyncClient, context: Context
) -> None:
    """Item 5 is worth two points for three letters; answered are two of them, all five letters, one of the three."""
    totals = {}
    spoilt: tuple[Callable[[str], str], ...] = (lambda key: key[:2], lambda _: "ABCDE", lambda key: key[0])
    for rule in ("all_or_nothing", "half_for_subset"):
        hall = await open_hall(context, candidates=3, multiple_choice=rule)
        for who, spoil in zip(hall.seated, spoilt, strict=True):
            token = await begin(http, who)
            right = await right_answers(hall, who)
            await http.put("/api/v1/exam/responses", headers=token, json=changes({5: spoil(right[5])}))
            await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 1})
        await sweep(context)
        totals[rule] = [Decimal(row["total"]) for row in (await listed(http, hall))["items"]]
    assert totals == {"all_or_nothing": [0, 0, 0], "half_for_subset": [1, 0, 1]}


# Receipts


async def receipt_of(http: httpx.AsyncClient, context: Context) -> tuple[Hall, Row]:
    """Of a hand-in that is graded already."""
    hall = await open_hall(context)
    token = await begin(http, hall.seated[0])
    await http.put("/api/v1/exam/responses", headers=token, json=changes({1: "A", 2: "B"}))
    receipt: Row = (await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 2})).json()
    await sweep(context)
    return hall, receipt


async def test_anybody_can_find_out_that_a_receipt_was_tampered_with(http: httpx.AsyncClient, context: Context) -> None:
    _, receipt = await receipt_of(http, context)
    genuine = (await http.post(CHECK, json=receipt)).json()
    assert genuine == {"ok": True, "signed": True, "code": True, "stored": True, "graded": True}
    for name in receipt["payload"]:
        changed = receipt | {"payload": receipt["payload"] | {name: "?"}}
        finding = (await http.post(CHECK, json=changed)).json()
        assert (finding["ok"], finding["signed"], finding["code"]) == (False, False, False), name
    other_code = (await http.post(CHECK, json=receipt | {"code": "AAAAAAAA"})).json()
    assert (other_code["ok"], other_code["signed"], other_code["code"]) == (False, True, False)
    parts: list[Row] = [{"signature": text} for text in ("", "真", receipt["signature"][::-1])]
    for part in [*parts, {"payload": {}}]:
        answer = await http.post(CHECK, json=receipt | part)
        assert (answer.status_code, answer.json()["ok"], answer.json()["signed"]) == (200, False, False), part


async def test_stored_or_graded_answers_that_were_changed_are_found_out(
    http: httpx.AsyncClient, context: Context
) -> None:
    _, receipt = await receipt_of(http, context)

    async def finding() -> tuple[bool, bool, bool]:
        found = (await http.post(CHECK, json=receipt)).json()
        assert found["signed"] is True
        return found["ok"], found["stored"], found["graded"]

    await sql(context, "UPDATE response SET answer = 'C' WHERE number = 1")
    assert await finding() == (False, False, True)
    await sql(context, "UPDATE response SET answer = 'A' WHERE number = 1")
    assert await finding() == (True, True, True)
    await sql(context, "DELETE FROM response WHERE number = 2")
    assert await finding() == (False, False, True)
    await sql(context, "UPDATE grading_run SET responses_digest = repeat('0', 64)")
    assert await finding() == (False, False, False)
