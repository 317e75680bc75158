import { inject, shallowReactive, type InjectionKey, type ShallowRef } from "vue";
import { answered, type Schemas } from "@/api/client";
import { api } from "../api";
import { useStandards } from "../common/standards";
import { useSession } from "../session";

/** A sitting and what its pages share; reactive. */
export interface Desk {
  sitting: Schemas["SittingRead"];
  rooms: Schemas["RoomRead"][];
  obstacles: Schemas["FieldErrorRead"][];
  standard: Schemas["StandardRead"];
  /** What the standard says of the sitting's level. */
  level: Schemas["LevelRead"];
  /** A draft, for somebody who may change it. */
  readonly editable: boolean;
  reload: () => Promise<void>;
}

export const DESK: InjectionKey<ShallowRef<Desk | undefined>> = Symbol("sitting");

/** The sitting of the page around. */
export function useDesk(): Desk {
  const desk = inject(DESK)?.value;
  if (desk === undefined) throw new Error("not within a sitting's page");
  return desk;
}

async function read(id: string): Promise<Pick<Desk, "sitting" | "rooms" | "obstacles">> {
  const path = { sitting_id: id };
  const [sitting, rooms, checked] = await Promise.all([
    answered(api.GET("/api/v1/sittings/{sitting_id}", { params: { path } })),
    answered(api.GET("/api/v1/sittings/{sitting_id}/rooms", { params: { path } })),
    answered(api.GET("/api/v1/sittings/{sitting_id}/readiness", { params: { path } })),
  ]);
  return { sitting, rooms: rooms.items, obstacles: checked.errors };
}

/** Throws what `answered` throws. */
export async function openDesk(id: string): Promise<Desk> {
  const session = useSession();
  const standards = useStandards();
  const state = await read(id);
  const standard = (await standards.list()).find((one) => one.id === state.sitting.standard_id);
  if (standard === undefined) throw new Error("the standard of a sitting is always loaded");
  const level = await standards.level(standard.code, state.sitting.level);
  const desk: Desk = shallowReactive({
    ...state,
    standard,
    level,
    get editable() {
      return this.sitting.state === "draft" && session.may("sittings:write");
    },
    reload: async () => void Object.assign(desk, await read(id)),
  });
  return desk;
}
