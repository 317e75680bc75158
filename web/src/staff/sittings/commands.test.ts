import { expect, test } from "vitest";
import { commandsFor } from "./commands";

test("a sitting is led from draft to closed; then its results are published elsewhere", () => {
  const offered = (["draft", "ready", "live", "closed", "published", "cancelled"] as const).map((state) =>
    commandsFor(state, () => true),
  );
  expect(offered).toEqual([["ready", "cancel"], ["go-live", "cancel"], ["close"], [], [], []]);
});

test("who may only read is offered nothing", () => {
  expect(commandsFor("draft", () => false)).toEqual([]);
});
