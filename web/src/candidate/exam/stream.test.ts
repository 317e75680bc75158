import { expect, test } from "vitest";
import { Closed, hearing, type Told } from "./stream";

test("each state is told; a closed stream throws why, and whatever else comes is not for this page", () => {
  const told: Told["state"][] = [];
  const heard = hearing((state) => told.push(state.state));
  heard("state", '{"state":"in_progress"}');
  heard("other", "");
  expect(told).toEqual(["in_progress"]);
  expect(() => heard("closed", '{"code":"lease_moved"}')).toThrow(new Closed("lease_moved"));
});
