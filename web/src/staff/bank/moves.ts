import type { Schemas } from "@/api/client";
import type { Scope } from "../feature";

export type ItemMove = "review" | "activate" | "retire";

const FROM: Record<ItemMove, Schemas["ItemState"][]> = {
  review: ["draft"],
  activate: ["reviewed"],
  retire: ["draft", "reviewed", "active"],
};

/** What a person who may what `may` says could do with an item in this state; the service has the last word. */
export function movesOf(state: Schemas["ItemState"], may: (...scopes: Scope[]) => boolean): ItemMove[] {
  if (!may("items:review")) return [];
  return (Object.keys(FROM) as ItemMove[]).filter((move) => FROM[move].includes(state));
}

const COMPARED = [
  "type",
  "level",
  "knowledge_points",
  "stem",
  "options",
  "key",
  "difficulty",
  "rationale",
  "reference",
  "enemies",
] as const;
export type Compared = (typeof COMPARED)[number];

/** The members in which two versions differ. */
export function differences(
  one: Schemas["ItemVersionRead"],
  other: Schemas["ItemVersionRead"] | undefined,
): Set<Compared> {
  if (other === undefined) return new Set();
  return new Set(COMPARED.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name])));
}
