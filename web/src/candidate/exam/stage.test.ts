import { expect, test } from "vitest";
import { stageOf } from "./stage";

const known = { stopped: null, loggedIn: true, state: null, hasPaper: false };

test.each([
  [{ loggedIn: false }, "login"],
  [{}, "loading"],
  [{ state: "ready" }, "waiting"],
  [{ state: "in_progress" }, "loading"],
  [{ state: "in_progress", hasPaper: true }, "writing"],
  [{ state: "interrupted", hasPaper: true }, "paused"],
  [{ state: "submitted", hasPaper: true }, "ended"],
  [{ state: "terminated" }, "ended"],
  [{ state: "absent" }, "ended"],
  [{ state: "in_progress", hasPaper: true, stopped: "lease_moved" }, "stopped"],
] as const)("%j is shown as %s", (rest, stage) => {
  expect(stageOf({ ...known, ...rest })).toBe(stage);
});
