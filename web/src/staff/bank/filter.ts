import type { LocationQuery } from "vue-router";
import type { Schemas } from "@/api/client";
import { ITEM_TYPES } from "../common/choices";

export const ITEM_STATES: Schemas["ItemState"][] = ["draft", "reviewed", "active", "retired"];

/** What the list of items is narrowed to; empty is anything. It stands in the address, so that it can be kept. */
export interface ItemFilter {
  standard: string;
  state: string;
  type: string;
  level: string;
  area: string;
  point: string;
  q: string;
}

const NAMES = ["standard", "state", "type", "level", "area", "point", "q"] as const;

export function filterOf(query: LocationQuery): ItemFilter {
  const text = (name: string) => (typeof query[name] === "string" ? query[name] : "");
  return Object.fromEntries(NAMES.map((name) => [name, text(name)])) as unknown as ItemFilter;
}

/** The address's query: only what is set. */
export function queryOf(filter: ItemFilter): Record<string, string> {
  return Object.fromEntries(NAMES.flatMap((name) => (filter[name] === "" ? [] : [[name, filter[name]]])));
}

/** The parameters of the service's list; what is not a state, type or level is left out. */
export function parametersOf(filter: ItemFilter) {
  const known = <T extends string>(value: string, among: readonly T[]) => among.find((one) => one === value);
  const level = Number(filter.level);
  return {
    standard_code: filter.standard || undefined,
    state: known(filter.state, ITEM_STATES),
    type: known(filter.type, ITEM_TYPES),
    level: level >= 1 && level <= 5 ? level : undefined,
    area: filter.area || undefined,
    knowledge_point: filter.point || undefined,
    q: filter.q.trim() || undefined,
  };
}
