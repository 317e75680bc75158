import { expect, test } from "vitest";
import { row } from "../live/rows.fixture";
import { commandBody, EMPTY, fitting, isComplete, offers, type Reason } from "./actions";

test("an action tells for whom it is possible, and why not for the others", () => {
  const rows = [
    row(1, { allowed_actions: [{ action: "interrupt", refused: null }] }),
    row(2, { allowed_actions: [{ action: "interrupt", refused: "invalid_transition" }] }),
    row(3, { allowed_actions: [{ action: "interrupt", refused: "room_not_open" }] }),
  ];
  const interrupt = offers(rows).find((offer) => offer.action === "interrupt")!;
  expect(interrupt.possible).toEqual([rows[0]]);
  expect([...interrupt.refused]).toEqual([
    ["invalid_transition", [rows[1]]],
    ["room_not_open", [rows[2]]],
  ]);
});

test("what takes something or gives time needs a reason", () => {
  expect(isComplete("interrupt", EMPTY)).toBe(false);
  expect(isComplete("interrupt", { ...EMPTY, reason: "technical.device" })).toBe(true);
  expect(isComplete("check_in", EMPTY)).toBe(true);
});

test("a command carries only what belongs to it", () => {
  const filled = { ...EMPTY, reason: "environment.noise", note: "窗外施工", minutes: 2.5 } as const;
  const attempts = ["attempt-1", "attempt-2"];
  const rows = [row(1), row(2)];
  expect(commandBody("grant", rows, filled)).toEqual({
    command: "grant",
    attempts,
    reason: "environment.noise",
    note: "窗外施工",
    extra_seconds: 150,
  });
  expect(commandBody("resume", rows, { ...filled, releaseDevice: true })).toEqual({
    command: "resume",
    attempts,
    release_device: true,
  });
  expect(commandBody("withdraw_termination", rows, filled)).toEqual({ command: "withdraw_termination", attempts });
});

test("a termination is proposed, or confirms the proposal that was seen", () => {
  const possible = { allowed_actions: [{ action: "terminate", refused: null }] };
  const terminate = (...proposals: (number | null)[]) => {
    const rows = proposals.map((proposal, place) => row(place + 1, { ...possible, termination_proposal: proposal }));
    const offer = offers(rows).find((one) => one.action === "terminate")!;
    const body = commandBody("terminate", offer.possible, { ...EMPTY, reason: "candidate.misconduct" });
    return [offer.possible.length, [...offer.refused.keys()], "confirms" in body ? body.confirms : undefined];
  };
  expect(terminate(null, null)).toEqual([2, [], null]);
  expect(terminate(2)).toEqual([1, [], 2]);
  expect(terminate(1, 1)).toEqual([2, [], 1]);
  expect(terminate(null, 1)).toEqual([1, ["termination_already_proposed"], null]);
});

test("only fitting reasons are offered, by category", () => {
  const reason = (code: string, commands: string[]) =>
    ({ code, category: code.split(".")[0], commands, zh: "", en: "", stops_clock: false }) as Reason;
  const reasons = [
    reason("candidate.restroom", ["interrupt"]),
    reason("candidate.misconduct", ["terminate"]),
    reason("other", ["interrupt"]),
  ];
  expect([...fitting(reasons, "interrupt")]).toEqual([
    ["candidate", [reasons[0]]],
    ["other", [reasons[2]]],
  ]);
});
