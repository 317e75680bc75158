import { answered, Unreachable, type Schemas } from "@/api/client";
import { api } from "../../api";
import { ring } from "./alarms";
import type { RoomHead, Row } from "./rows";
import { play } from "./sound";
import { useLive, type Live } from "./useLive";

export type SittingHead = Omit<Schemas["SittingSnapshot"], "rooms" | "version">;

/** How a stream is asked for: after the last event heard, and its body as it comes. */
function streamed(lastEventId: string | null, signal: AbortSignal) {
  return { header: { "Last-Event-ID": lastEventId ?? undefined }, options: { parseAs: "stream", signal } as const };
}

type Body = ReadableStream<Uint8Array> | null;

async function body(call: Promise<{ data?: Body; error?: unknown; response: Response }>): Promise<NonNullable<Body>> {
  const stream = await answered<Body>(call);
  if (stream === null) throw new Unreachable("no body");
  return stream;
}

/** A room live; `loud` lets new alarms, hands and incidents be heard. */
export function useRoom(roomId: string, loud: boolean): Live<RoomHead, Row> {
  return useLive<RoomHead, Row>({
    open: (lastEventId, signal) => {
      const { header, options } = streamed(lastEventId, signal);
      const params = { path: { room_id: roomId }, header };
      return body(api.GET("/api/v1/proctor/rooms/{room_id}/stream", { params, ...options }));
    },
    parse: (data) => {
      const { attempts, ...head } = JSON.parse(data) as Schemas["RoomSnapshot"];
      return { head, rows: attempts };
    },
    changed: (before, now) => {
      const rung = loud ? ring(before, now) : null;
      if (rung !== null) play(rung);
    },
  });
}

/** All rooms of a sitting live. */
export function useSitting(sittingId: string): Live<SittingHead, RoomHead> {
  return useLive<SittingHead, RoomHead>({
    open: (lastEventId, signal) => {
      const { header, options } = streamed(lastEventId, signal);
      const params = { path: { sitting_id: sittingId }, header };
      return body(api.GET("/api/v1/proctor/sittings/{sitting_id}/stream", { params, ...options }));
    },
    parse: (data) => {
      const { rooms, ...head } = JSON.parse(data) as Schemas["SittingSnapshot"];
      return { head, rows: rooms };
    },
    changed: (before, now) => {
      const [was, is] = [before.head.incidents, now.head.incidents];
      if (is.severity === "alarm" && (was.severity !== "alarm" || is.open > was.open)) play("alarm");
    },
  });
}
