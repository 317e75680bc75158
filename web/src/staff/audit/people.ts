import { shallowRef } from "vue";
import { answered, type Schemas } from "@/api/client";
import { api } from "../api";
import { readAll } from "../common/paging";

/** The nil UUID: the chain of what belongs to no sitting. */
export const OUTSIDE = "00000000-0000-0000-0000-000000000000";

/** Beginnings of actions by which events are narrowed; each is a message. */
export const ACTIONS = [
  "attempt",
  "auth",
  "bank",
  "entry",
  "incident",
  "item",
  "message",
  "paper",
  "result",
  "room",
  "sitting",
  "staff",
  "standard",
] as const;

/** Names of those who act, and those of sittings, for showing ids. */
export function useNames() {
  const actors = shallowRef<Schemas["ActorNameRead"][]>([]);
  const sittings = shallowRef<Schemas["SittingRead"][]>([]);

  async function load(): Promise<void> {
    [actors.value, sittings.value] = await Promise.all([
      answered(api.GET("/api/v1/audit/actors")),
      readAll((cursor) => answered(api.GET("/api/v1/sittings", { params: { query: { cursor, limit: 200 } } }))),
    ]);
  }
  const actor = (id: string | null) => actors.value.find((one) => one.id === id)?.name;
  const sitting = (id: string | null) => sittings.value.find((one) => one.id === id)?.name;

  return { actors, sittings, load, actor, sitting };
}
