import type { Schemas } from "@/api/client";

export type ItemType = Schemas["ItemType"];
export const ITEM_TYPES: ItemType[] = ["single", "multiple", "true_false"];

/** The letters of an item's answers with their texts; `words` are those of true and false. */
export function choices(
  type: ItemType,
  options: string[],
  words: [string, string],
): { letter: string; text: string }[] {
  if (type === "true_false") {
    return [
      { letter: "T", text: words[0] },
      { letter: "F", text: words[1] },
    ];
  }
  return options.map((text, index) => ({ letter: String.fromCharCode(65 + index), text }));
}
