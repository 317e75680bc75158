import { expect, test } from "vitest";
import { areaRates, found, graded, histogram, summary, type Result } from "./statistics";

let tickets = 100;
function result(total: number | null, changes: Partial<Result> = {}): Result {
  tickets += 1;
  return {
    attempt_id: String(tickets),
    ticket_number: String(tickets),
    name: "李明",
    room: "第一考场",
    seat_number: 1,
    attempt_state: "submitted",
    state: total === null ? "pending" : "graded",
    total,
    maximum: total === null ? null : 100,
    pass_mark: total === null ? null : 60,
    passed: total === null ? null : total >= 60,
    areas: [],
    paper_hash: null,
    responses_digest: null,
    ...changes,
  };
}

test("a sitting in figures", () => {
  const results = [
    result(40),
    result(60, { state: "confirmed" }),
    result(80),
    result(100),
    result(null),
    result(null, { attempt_state: "absent" }),
  ];
  expect(summary(results)).toEqual({
    candidates: 6,
    graded: 4,
    passed: 3,
    unreviewed: 3,
    pending: 1,
    absent: 1,
    mean: 70,
    median: 70,
  });
});

test("without gradings there is no mean and no histogram", () => {
  expect(summary([result(null)])).toMatchObject({ mean: null, median: null });
  expect(histogram(graded([result(null)]))).toEqual([]);
});

test("each result stands in one bin, the best in the last", () => {
  const bins = histogram(graded([result(0), result(59.5), result(60), result(100)]));
  expect(bins.map((bin) => bin.failed)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  expect(bins.map((bin) => bin.passed)).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 1]);
});

test("areas are compared by their share of the weight", () => {
  const areas = (one: number, other: number) => [
    { area: "职业道德", points: one, weight: 5 },
    { area: "业务办理", points: other, weight: 40 },
  ];
  expect(areaRates(graded([result(45, { areas: areas(5, 20) }), result(0, { areas: areas(0, 20) })]))).toEqual([
    { area: "职业道德", rate: 0.5 },
    { area: "业务办理", rate: 0.5 },
  ]);
});

test("results are found by a part of the name or ticket, and by their state", () => {
  const results = [
    result(40, { name: "王芳" }),
    result(70, { name: "李芳" }),
    result(null, { attempt_state: "voided" }),
  ];
  expect(found(results, "芳", "").length).toBe(2);
  expect(found(results, results[1]!.ticket_number, "").map((one) => one.name)).toEqual(["李芳"]);
  expect(found(results, "", "failed").map((one) => one.name)).toEqual(["王芳"]);
  expect(found(results, "", "voided").length).toBe(1);
});
