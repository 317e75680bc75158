import type { Schemas } from "@/api/client";

export type Obstacle = Schemas["FieldErrorRead"];

export interface Check {
  key: "duration" | "papers" | "entries" | "seats" | "staffing" | "other";
  /** Clause of the standard that asks for it. */
  clause: string | null;
  obstacles: Obstacle[];
  /** Route that mends it. */
  route: string | null;
}

const KINDS: { key: Exclude<Check["key"], "other">; codes: string[]; route: string }[] = [
  { key: "duration", codes: ["duration_below_minimum"], route: "sitting-plan" },
  { key: "papers", codes: ["no_paper"], route: "sitting-plan" },
  { key: "entries", codes: ["no_entries"], route: "sitting-roster" },
  { key: "seats", codes: ["entry_without_seat"], route: "sitting-seats" },
  { key: "staffing", codes: ["too_few_proctors"], route: "sitting-rooms" },
];

/** The checklist: every requirement with what stands against it; obstacles of kinds unknown here come last. */
export function checklist(obstacles: Obstacle[], level: Schemas["LevelRead"]): Check[] {
  const clauses: Partial<Record<Check["key"], string>> = {
    duration: level.theory.minimum_minutes.clause,
    staffing: level.theory.candidates_per_proctor.clause,
  };
  const known = KINDS.map(({ key, codes, route }) => ({
    key,
    route,
    clause: clauses[key] ?? null,
    obstacles: obstacles.filter((obstacle) => codes.includes(obstacle.code)),
  }));
  const rest = obstacles.filter((obstacle) => !KINDS.some(({ codes }) => codes.includes(obstacle.code)));
  return rest.length === 0 ? known : [...known, { key: "other", route: null, clause: null, obstacles: rest }];
}
