import { computed, inject, shallowRef, type ComputedRef, type InjectionKey, type ShallowRef } from "vue";
import { answered, type Schemas } from "@/api/client";
import { api } from "../api";
import { useStandards } from "../common/standards";
import { useSession } from "../session";

export interface Desk {
  sitting: ShallowRef<Schemas["SittingRead"]>;
  rooms: ShallowRef<Schemas["RoomRead"][]>;
  obstacles: ShallowRef<Schemas["FieldErrorRead"][]>;
  /** What the standard says of the sitting's level. */
  level: Schemas["LevelRead"];
  /** A draft, for somebody who may change it. */
  editable: ComputedRef<boolean>;
  reload: () => Promise<void>;
}

export const DESK: InjectionKey<Desk> = Symbol("sitting");

/** The sitting of the page around. */
export function useDesk(): Desk {
  const desk = inject(DESK);
  if (desk === undefined) throw new Error("not within a sitting's page");
  return desk;
}

/** Reads a sitting with all that its pages share. Throws what `answered` throws. */
export async function openDesk(id: string): Promise<Desk> {
  const session = useSession();
  const path = { sitting_id: id };
  const read = () =>
    Promise.all([
      answered(api.GET("/api/v1/sittings/{sitting_id}", { params: { path } })),
      answered(api.GET("/api/v1/sittings/{sitting_id}/rooms", { params: { path } })),
      answered(api.GET("/api/v1/sittings/{sitting_id}/readiness", { params: { path } })),
    ]);
  const [first, firstRooms, readiness] = await read();
  const standards = useStandards();
  const standard = (await standards.list()).find((one) => one.id === first.standard_id);
  if (standard === undefined) throw new Error("a sitting's standard is always loaded");
  const level = await standards.level(standard.code, first.level);
  const sitting = shallowRef(first);
  const rooms = shallowRef(firstRooms.items);
  const obstacles = shallowRef(readiness.errors);

  async function reload(): Promise<void> {
    const [fresh, freshRooms, checked] = await read();
    sitting.value = fresh;
    rooms.value = freshRooms.items;
    obstacles.value = checked.errors;
  }

  const editable = computed(() => sitting.value.state === "draft" && session.may("sittings:write"));
  return { sitting, rooms, obstacles, level, editable, reload };
}
