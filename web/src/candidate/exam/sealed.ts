import type { Schemas } from "@/api/client";
import type { Paper } from "./answers";

export type Sealed = Schemas["SealedPaperRead"];

interface Content {
  items: { type: Paper["items"][number]["type"]; stem: string; options: string[]; points: number }[];
  total_points: number;
}

const LETTERS = "ABCDEFGH";
const NONCE = 12;

/** Whether this browser can open a sealed paper: a page by plain http from another host cannot. */
export function canOpen(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** The paper in this candidate's order. Throws when key and paper do not fit, or the layout names what is not there. */
export async function opened(sealed: Sealed, key: string): Promise<Paper> {
  const bytes = decoded(sealed.ciphertext);
  const secret = await crypto.subtle.importKey("raw", decoded(key), "AES-GCM", false, ["decrypt"]);
  const algorithm = { name: "AES-GCM", iv: bytes.slice(0, NONCE) };
  const plain = await crypto.subtle.decrypt(algorithm, secret, bytes.slice(NONCE));
  return arranged(JSON.parse(new TextDecoder().decode(plain)) as Content, sealed.layout);
}

function arranged(content: Content, layout: Sealed["layout"]): Paper {
  const items = layout.map((placement, index) => {
    const { type, stem, points, options } = at(content.items, placement.item);
    const shown = placement.options.map((option, place) => ({
      letter: LETTERS.charAt(place),
      text: at(options, option),
    }));
    return { number: index + 1, type, stem, points, options: shown };
  });
  return { items, total_points: content.total_points };
}

function at<T>(list: T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no entry ${index}`);
  return found;
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
