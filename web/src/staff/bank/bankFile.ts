import type { Schemas } from "@/api/client";

/** The media type by which the service reads a bank file of this name. */
export function mediaTypeOf(name: string): "application/json" | "application/yaml" {
  return name.toLowerCase().endsWith(".json") ? "application/json" : "application/yaml";
}

export type Outcome = Schemas["RowOutcome"];
export const OUTCOMES: Outcome[] = ["created", "changed", "unchanged"];

export function counted(rows: Pick<Schemas["BankRowRead"], "outcome">[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { created: 0, changed: 0, unchanged: 0 };
  for (const row of rows) counts[row.outcome] += 1;
  return counts;
}
