import { expect, test } from "vitest";
import { row } from "./rows.fixture";
import { chosen, concernsOf, counted, needsAttention, shown, sorted, type Filter, type Row } from "./rows";

const ALL: Filter = { state: null, concern: null, text: "" };
const HAND: Row["hand"] = {
  id: "h",
  reason: "question",
  note: "",
  raised_at: "2026-11-24T01:00:00Z",
  state: "pending",
};
const incident = (severity: "info" | "warning" | "alarm"): Row["incidents"] => ({
  open: 1,
  severity,
  newest: "focus_lost",
  last_at: "2026-11-24T01:00:00Z",
});
const seats = (rows: Row[]) => rows.map((one) => one.seat_number);

test("the gravest incidents come first, then raised hands, then by seat", () => {
  const rows = [
    row(1),
    row(2, { hand: HAND }),
    row(3, { incidents: incident("info") }),
    row(4, { incidents: incident("alarm") }),
    row(5, { incidents: incident("alarm"), hand: HAND }),
  ];
  expect(seats(sorted(rows, "urgency"))).toEqual([5, 4, 3, 2, 1]);
  expect(seats(sorted(rows.toReversed(), "seat"))).toEqual([1, 2, 3, 4, 5]);
});

test("filters combine, and a short number means a seat", () => {
  const rows = [row(1), row(2, { state: "ready" }), row(12, { hand: HAND })];
  expect(seats(shown(rows, ALL))).toEqual([1, 2, 12]);
  expect(seats(shown(rows, { ...ALL, state: "ready" }))).toEqual([2]);
  expect(seats(shown(rows, { ...ALL, concern: "hand" }))).toEqual([12]);
  expect(seats(shown(rows, { ...ALL, state: "ready", concern: "hand" }))).toEqual([]);
  expect(seats(shown(rows, { ...ALL, text: "1" }))).toEqual([1]);
  expect(seats(shown(rows, { ...ALL, text: " 考生12 " }))).toEqual([12]);
  expect(seats(shown(rows, { ...ALL, text: "261100010002" }))).toEqual([2]);
});

test("only who writes can be missed", () => {
  expect(concernsOf(row(1, { connection: "stale" }))).toEqual(["stale"]);
  expect(concernsOf(row(1, { connection: "never", state: "registered", deadline_seen: false }))).toEqual([]);
  expect(concernsOf(row(1, { deadline_seen: false }))).toEqual(["old_deadline"]);
  expect(needsAttention(row(1, { messages_unread: 1 }))).toBe(false);
  expect(needsAttention(row(1, { termination_proposal: 1 }))).toBe(true);
});

test("each filter tells how many it would show", () => {
  const counts = counted([row(1), row(2, { state: "submitted" }), row(3, { incidents: incident("warning") })]);
  expect(counts.all).toBe(3);
  expect(counts.states.get("in_progress")).toBe(2);
  expect(counts.states.get("absent")).toBe(0);
  expect(counts.concerns.get("incident")).toBe(1);
});

test("what was selected and is gone is not chosen", () => {
  const rows = new Map([row(2), row(1)].map((one) => [one.id, one]));
  expect(seats(chosen(rows, new Set(["attempt-2", "attempt-9", "attempt-1"])))).toEqual([1, 2]);
});
