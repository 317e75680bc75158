import { expect, test } from "vitest";
import { ring } from "./alarms";
import { row } from "./rows.fixture";
import type { RoomHead, Row } from "./rows";

const QUIET: Row["incidents"] = { open: 0, severity: null, newest: null, last_at: null };
const open = (severity: "info" | "warning" | "alarm", count = 1): Row["incidents"] => ({
  open: count,
  severity,
  newest: "focus_lost",
  last_at: "2026-11-24T01:00:00Z",
});
const HAND: Row["hand"] = {
  id: "h",
  reason: "question",
  note: "",
  raised_at: "2026-11-24T01:00:00Z",
  state: "pending",
};
const room = (rows: Row[], incidents = QUIET) => ({
  head: { incidents } as RoomHead,
  rows: new Map(rows.map((one) => [one.id, one])),
});

test.each([
  ["nothing", row(1), row(1, { answered: 11 }), null],
  ["an incident for information", row(1), row(1, { incidents: open("info") }), null],
  ["a warning", row(1), row(1, { incidents: open("warning") }), "warning"],
  ["a second warning", row(1, { incidents: open("warning") }), row(1, { incidents: open("warning", 2) }), "warning"],
  ["an alarm", row(1, { incidents: open("warning") }), row(1, { incidents: open("alarm") }), "alarm"],
  ["an alarm acknowledged", row(1, { incidents: open("alarm") }), row(1), null],
  ["a raised hand", row(1), row(1, { hand: HAND }), "hand"],
  ["the same hand still up", row(1, { hand: HAND }), row(1, { hand: HAND, answered: 11 }), null],
] as const)("%s", (_, before, after, rung) => {
  expect(ring(room([before]), room([after]))).toBe(rung);
});

test("the loudest is heard, and the room's own incidents count", () => {
  const before = room([row(1), row(2)]);
  expect(ring(before, room([row(1, { hand: HAND }), row(2, { incidents: open("warning") })]))).toBe("hand");
  expect(ring(before, room([row(1, { hand: HAND }), row(2)], open("alarm")))).toBe("alarm");
});
