import type { Schemas } from "@/api/client";

export type State = Schemas["ExamRead"]["state"];

/** Why this page may not go on: the attempt is on another device, in another tab, or the login has ended. */
export type Stop = "lease_moved" | "other_tab" | "invalid_token";

export type Stage = "login" | "loading" | "waiting" | "writing" | "paused" | "ended" | "stopped";

const OVER: readonly State[] = ["submitted", "terminated", "voided", "absent"];

/** Whether nothing more is accepted in this state. */
export function isOver(state: State): boolean {
  return OVER.includes(state);
}

/** Which view is shown. `state` is null until the service has told it. */
export function stageOf(known: {
  stopped: Stop | null;
  loggedIn: boolean;
  state: State | null;
  hasPaper: boolean;
}): Stage {
  if (known.stopped !== null) return "stopped";
  if (!known.loggedIn) return "login";
  if (known.state === null) return "loading";
  if (isOver(known.state)) return "ended";
  if (known.state === "interrupted") return "paused";
  if (known.state === "in_progress") return known.hasPaper ? "writing" : "loading";
  return "waiting";
}
