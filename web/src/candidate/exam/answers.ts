import type { Schemas } from "@/api/client";

export type Item = Schemas["PaperItemSeen"];
export type Paper = Schemas["CandidatePaperRead"];

/** What one may choose, with the letter that is sent: a judgement has no options of its own. */
export function choices(item: Item, words: { right: string; wrong: string }): Item["options"] {
  if (item.type !== "true_false") return item.options;
  return [
    { letter: "T", text: words.right },
    { letter: "F", text: words.wrong },
  ];
}

/** The answer after choosing `letter`: of several, it is put in or taken out, in the order of the alphabet. */
export function chosen(item: Item, answer: string, letter: string): string {
  if (item.type !== "multiple") return letter;
  const letters = answer.includes(letter) ? answer.replace(letter, "") : answer + letter;
  return [...letters].sort().join("");
}

/** The lines over which the service makes the digest of what is handed in (docs/api-guide.md). */
export function answerLines(answers: Iterable<[number, string]>): string {
  return [...answers]
    .filter(([, answer]) => answer !== "")
    .sort(([one], [other]) => one - other)
    .map(([number, answer]) => `${number}:${answer}\n`)
    .join("");
}

/** SHA-256 in hexadecimal; null where the browser offers none (a page by plain http). */
export async function sha256(text: string): Promise<string | null> {
  if (globalThis.crypto?.subtle === undefined) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
