import { expect, test } from "vitest";
import { draftsOf, ownRules, type Kind, type Rule } from "./alarmRules";

const COPY: Rule = {
  kind: "copy",
  severity: "warning",
  merge_seconds: 300,
  alarm_after: { count: 3, within_seconds: 600 },
};
const LOST: Rule = { kind: "network_lost", severity: "warning", merge_seconds: 300, threshold_seconds: 30 };
const KINDS = [COPY, LOST].map((rule) => ({ kind: rule.kind, zh: "", en: "", rule })) as Kind[];

test("what nobody changed stays the default", () => {
  expect(ownRules(draftsOf(KINDS, []), KINDS)).toEqual([]);
});

test("a changed rule becomes the sitting's own, and is a default again when set back", () => {
  const drafts = draftsOf(KINDS, []);
  drafts[0]!.raises = false;
  const own = ownRules(drafts, KINDS);
  expect(own).toEqual([{ ...COPY, alarm_after: null, threshold_seconds: null }]);
  const again = draftsOf(KINDS, own);
  expect(again[0]!.raises).toBe(false);
  again[0]!.raises = true;
  expect(ownRules(again, KINDS)).toEqual([]);
});
