import { ref } from "vue";
import { answered, createApi, type Schemas } from "@/api/client";
import type { Device } from "./store";

const KEY = "kaochang.candidate";
/** Milliseconds after which a request that has no answer counts as lost. */
const PATIENCE = 10_000;

interface Kept {
  token: string;
  attempt: string;
  epoch: number;
}

const text = sessionStorage.getItem(KEY);

/** The login of this tab. It outlives a reload and not the tab; the identity number is not kept at all. */
export const kept = ref<Kept | null>(text === null ? null : (JSON.parse(text) as Kept));

export const api = createApi({
  token: () => kept.value?.token ?? null,
  language: () => document.documentElement.lang,
});

/** For requests that must not hang. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE);
}

/** Room and seat of this device, where its start page was given them: `/?room=...&seat=...`. */
export function placeOf(query: string): { room: string | null; seat_number: number | null } {
  const given = new URLSearchParams(query);
  const seat = Number(given.get("seat") ?? Number.NaN);
  return { room: given.get("room"), seat_number: Number.isInteger(seat) ? seat : null };
}

/** Throws Refusal, Unreachable. */
export async function logIn(ticket: string, identity: string, device: Device): Promise<Schemas["LoginRead"]> {
  const given = await answered(
    api.POST("/api/v1/exam/login", {
      body: {
        ticket_number: ticket,
        id_number: identity,
        device_id: device.id,
        device_secret: device.secret,
        ...placeOf(location.search),
      },
      signal: patience(),
    }),
  );
  kept.value = { token: given.access_token, attempt: given.attempt_id, epoch: given.lease_epoch };
  sessionStorage.setItem(KEY, JSON.stringify(kept.value));
  return given;
}

export function forget(): void {
  kept.value = null;
  sessionStorage.removeItem(KEY);
}
