import type { Schemas } from "@/api/client";

/** An item while it is being written: always five options, of which the type takes some. */
export interface Draft {
  code: string;
  type: Schemas["ItemType"];
  knowledge_points: string[];
  stem: string;
  options: string[];
  fifth: boolean;
  key: string;
  difficulty: number;
  rationale: string;
  reference: string;
  enemies: string[];
}

export type Written = Omit<Schemas["ItemCreate"], "standard_code" | "edition" | "code">;

export const EMPTY: Draft = {
  code: "",
  type: "single",
  knowledge_points: [],
  stem: "",
  options: ["", "", "", "", ""],
  fifth: false,
  key: "",
  difficulty: 0.7,
  rationale: "",
  reference: "",
  enemies: [],
};

/** Of an item whose key is hidden, key, rationale and reference are empty. */
export function draftOf(item: Schemas["ItemDetailRead"]): Draft {
  return {
    code: item.code,
    type: item.type,
    knowledge_points: [...item.knowledge_points],
    stem: item.stem,
    options: [...item.options, "", "", "", "", ""].slice(0, 5),
    fifth: item.options.length === 5,
    key: item.key ?? "",
    difficulty: item.difficulty,
    rationale: item.rationale ?? "",
    reference: item.reference ?? "",
    enemies: [...item.enemies],
  };
}

/** The member of an item that an error's place is in: `options[2]` and `body.options` are in `options`. */
export function memberOf(place: string): string {
  return /^(?:body\.)?(\w+)/.exec(place)?.[1] ?? "";
}

/** The errors of members that were not changed since. */
export function stillTold(errors: Schemas["FieldErrorRead"][], before: Draft, now: Draft): Schemas["FieldErrorRead"][] {
  const same = (name: string) =>
    JSON.stringify(before[name as keyof Draft]) === JSON.stringify(now[name as keyof Draft]);
  return errors.filter((error) => same(memberOf(error.place)));
}

export function optionsOf(draft: Draft): string[] {
  if (draft.type === "true_false") return [];
  return draft.options.slice(0, draft.type === "multiple" && draft.fifth ? 5 : 4);
}

export function lettersOf(draft: Draft): string[] {
  return draft.type === "true_false" ? ["T", "F"] : optionsOf(draft).map((_, index) => "ABCDE".charAt(index));
}

/** The key with the letter set or taken away: one letter, or, of a multiple choice, several in order. */
export function toggled(draft: Draft, letter: string): string {
  if (draft.type !== "multiple") return letter;
  const held = new Set(draft.key);
  if (!held.delete(letter)) held.add(letter);
  return lettersOf(draft)
    .filter((one) => held.has(one))
    .join("");
}

/** The level is that of the knowledge points: `L5/1.1.1` is of level 5, `2.1.1` of none. */
export function levelOf(points: string[]): number | null {
  const found = /^L(\d)\//.exec(points[0] ?? "");
  return found === null ? null : Number(found[1]);
}

export function writtenOf(draft: Draft): Written {
  const letters = lettersOf(draft);
  return {
    type: draft.type,
    level: levelOf(draft.knowledge_points),
    knowledge_points: draft.knowledge_points,
    stem: draft.stem,
    options: optionsOf(draft),
    key: [...draft.key].filter((letter) => letters.includes(letter)).join(""),
    difficulty: draft.difficulty,
    rationale: draft.rationale,
    reference: draft.reference,
    enemies: draft.enemies,
  };
}

/** What an edit sends: the members that differ from the item as it was read. */
export function changesOf(item: Schemas["ItemDetailRead"], draft: Draft): Partial<Written> {
  const [before, now] = [writtenOf(draftOf(item)), writtenOf(draft)];
  const names = (Object.keys(now) as (keyof Written)[]).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]),
  );
  return Object.fromEntries(names.map((name) => [name, now[name]]));
}
