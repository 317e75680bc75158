import type { Schemas } from "@/api/client";
import type { Scope } from "../feature";

export type State = Schemas["SittingState"];
export type Command = "ready" | "go-live" | "close" | "cancel";

const OFFERED: Record<State, Command[]> = {
  draft: ["ready", "cancel"],
  ready: ["go-live", "cancel"],
  live: ["close"],
  closed: [],
  published: [],
  cancelled: [],
};

/** The commands to offer for a sitting in `state`; the service decides whether they are possible. */
export function commandsFor(state: State, may: (...scopes: Scope[]) => boolean): Command[] {
  return may("sittings:write") ? OFFERED[state] : [];
}

/** Element Plus' colour of a state's tag. */
export const STATE_COLOURS: Record<State, "info" | "primary" | "success" | "warning" | "danger"> = {
  draft: "info",
  ready: "primary",
  live: "success",
  closed: "warning",
  published: "primary",
  cancelled: "danger",
};
