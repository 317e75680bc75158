import type { Schemas } from "@/api/client";
import { grouped } from "@/shared/grouped";
import type { Row } from "../live/rows";

/** What can be done with candidates by one command, in the order shown. */
export const ACTIONS = [
  "check_in",
  "interrupt",
  "resume",
  "grant",
  "release",
  "submit",
  "terminate",
  "withdraw_termination",
  "reopen",
  "reverse_absence",
] as const;
export type Action = (typeof ACTIONS)[number];
export type Reasoned = Schemas["Reasoned"];
export type Reason = Schemas["ReasonRead"];

const REASONED: ReadonlySet<string> = new Set<Reasoned>([
  "release",
  "interrupt",
  "suspend",
  "grant",
  "submit",
  "terminate",
  "reopen",
  "reverse_absence",
]);

export function asksReason(action: string): action is Reasoned {
  return REASONED.has(action);
}

export function givesTime(action: Action): boolean {
  return action === "grant" || action === "reopen";
}

/** These take something from a candidate that is hard to give back. */
export function isGrave(action: Action): boolean {
  return action === "submit" || action === "terminate";
}

/** The number of the proposal to terminate that is open for all of them alike, and that a chief may confirm. */
export function commonProposal(rows: readonly Row[]): number | null {
  const first = rows[0]?.termination_proposal ?? null;
  return rows.every((row) => row.termination_proposal === first) ? first : null;
}

export interface Offer {
  action: Action;
  /** Whom it is possible for now. */
  possible: Row[];
  /** Whom it is not possible for, by the code of why. */
  refused: ReadonlyMap<string, Row[]>;
}

/** Each action with those of `rows` that it is possible for now. */
export function offers(rows: readonly Row[]): Offer[] {
  const proposal = commonProposal(rows);
  const proposedApart = (action: Action, row: Row) =>
    action === "terminate" && row.termination_proposal !== null && row.termination_proposal !== proposal;
  return ACTIONS.map((action) => {
    const possible: Row[] = [];
    const refused = new Map<string, Row[]>();
    for (const row of rows) {
      const code = proposedApart(action, row)
        ? "termination_already_proposed"
        : row.allowed_actions.find((one) => one.action === action)?.refused;
      if (code === null) possible.push(row);
      else if (code !== undefined) refused.set(code, [...(refused.get(code) ?? []), row]);
    }
    return { action, possible, refused };
  });
}

export interface Filled {
  identity: Schemas["IdentityCheck"];
  reason: Schemas["Reason"] | null;
  note: string;
  minutes: number;
  releaseDevice: boolean;
}

export const EMPTY: Filled = { identity: "identity_card", reason: null, note: "", minutes: 5, releaseDevice: false };

export function isComplete(action: Action, filled: Filled): boolean {
  return !asksReason(action) || filled.reason !== null;
}

export type CommandBody =
  | Schemas["CheckInChosen"]
  | Schemas["ReleaseChosen"]
  | Schemas["InterruptChosen"]
  | Schemas["ResumeChosen"]
  | Schemas["GrantChosen"]
  | Schemas["SubmitChosen"]
  | Schemas["TerminateChosen"]
  | Schemas["WithdrawTerminationChosen"]
  | Schemas["ReopenChosen"]
  | Schemas["ReverseAbsenceChosen"];

/** The command to send for `rows`; `filled` is complete. */
export function commandBody(action: Action, rows: readonly Row[], filled: Filled): CommandBody {
  const attempts = rows.map((row) => row.id);
  const why = { reason: filled.reason!, note: filled.note };
  const extra_seconds = Math.round(filled.minutes * 60);
  switch (action) {
    case "check_in":
      return { command: action, attempts, identity: filled.identity };
    case "resume":
      return { command: action, attempts, release_device: filled.releaseDevice };
    case "withdraw_termination":
      return { command: action, attempts };
    case "terminate":
      return { command: action, attempts, ...why, confirms: commonProposal(rows) };
    case "grant":
    case "reopen":
      return { command: action, attempts, ...why, extra_seconds };
    default:
      return { command: action, attempts, ...why };
  }
}

/** The reasons that fit a command, by category, in the taxonomy's order. */
export function fitting(reasons: readonly Reason[], action: Reasoned): Map<string, Reason[]> {
  return grouped(
    reasons.filter((reason) => reason.commands.includes(action)),
    (reason) => reason.category,
  );
}
