import type { Schemas } from "@/api/client";

export type Rule = Schemas["AlarmRule"];
export type Kind = Schemas["IncidentKindRead"];

/** A rule as it is edited: everything written out. */
export interface Draft {
  kind: Rule["kind"];
  severity: Rule["severity"];
  merge_seconds: number;
  raises: boolean;
  count: number;
  within_seconds: number;
  threshold_seconds: number | null;
}

/** What a new alarm by repeating starts from. */
const REPEATS = { count: 3, within_seconds: 600 };

export function draftOf(rule: Rule): Draft {
  const after = rule.alarm_after ?? null;
  return {
    kind: rule.kind,
    severity: rule.severity,
    merge_seconds: rule.merge_seconds,
    raises: after !== null,
    ...(after ?? REPEATS),
    threshold_seconds: rule.threshold_seconds ?? null,
  };
}

export function ruleOf(draft: Draft): Rule {
  return {
    kind: draft.kind,
    severity: draft.severity,
    merge_seconds: draft.merge_seconds,
    alarm_after: draft.raises ? { count: draft.count, within_seconds: draft.within_seconds } : null,
    threshold_seconds: draft.threshold_seconds,
  };
}

/** One draft a kind: the sitting's own rule, or else the default. */
export function draftsOf(kinds: Kind[], own: Rule[]): Draft[] {
  return kinds.map(({ kind, rule }) => draftOf(own.find((one) => one.kind === kind) ?? rule));
}

export function differs(draft: Draft, kind: Kind): boolean {
  return JSON.stringify(ruleOf(draft)) !== JSON.stringify(ruleOf(draftOf(kind.rule)));
}

/** The rules that the sitting needs for itself: those that differ from the defaults. */
export function ownRules(drafts: Draft[], kinds: Kind[]): Rule[] {
  return drafts.filter((draft, index) => differs(draft, kinds[index]!)).map(ruleOf);
}
