import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { happenings } from "./timeline";

const ZHANG = { username: "jk001", name: "张华" };
const OF = { seat_number: 3, ticket_number: "261100010003" };
const RECORD = {
  commands: [
    { at: "2026-11-24T01:05:00Z", command: "start", by: ZHANG, reason: null, late_seconds: 300, end_kept: false },
  ],
  attendance: [
    {
      ...OF,
      checked_in_at: "2026-11-24T00:40:00Z",
      checked_in_by: ZHANG,
      started_at: "2026-11-24T01:05:10Z",
      submitted_at: "2026-11-24T02:20:00Z",
      submitted_by: "candidate",
    },
  ],
  interruptions: [
    { ...OF, started_at: "2026-11-24T01:30:00Z", ended_at: null, reason: "candidate.restroom", note: "" },
  ],
  grants: [{ ...OF, granted_at: "2026-11-24T01:40:00Z", seconds: 120, reason: "environment.noise", granted_by: ZHANG }],
  hands: [],
  incidents: [],
  rulings: [],
} as unknown as Schemas["RoomRecord"];

test("everything the record tells stands in one line of time, the newest first", () => {
  expect(happenings(RECORD).map((one) => one.what)).toEqual([
    "submitted_candidate",
    "grant",
    "interrupt",
    "started",
    "room_start",
    "check_in",
  ]);
});

test("who, why and how much are told where they are known", () => {
  const grant = happenings(RECORD).find((one) => one.what === "grant");
  expect(grant).toMatchObject({ seats: [3], by: "张华", reason: "environment.noise", seconds: 120 });
});

test("what was done to several at once is one line", () => {
  const grants = [1, 2].map((seat) => ({ ...RECORD.grants[0]!, seat_number: seat }));
  const found = happenings({ ...RECORD, grants }).filter((one) => one.what === "grant");
  expect(found.map((one) => one.seats)).toEqual([[1, 2]]);
});
