import type { Item } from "./answers";

export type Mark = "unanswered" | "answered";

export interface Cell {
  number: number;
  mark: Mark;
  flagged: boolean;
}

/** The answer card: a cell an item, in the order of the paper. */
export function card(
  items: Pick<Item, "number">[],
  answer: (number: number) => string,
  flags: ReadonlySet<number>,
): Cell[] {
  return items.map(({ number }) => ({
    number,
    mark: answer(number) === "" ? "unanswered" : "answered",
    flagged: flags.has(number),
  }));
}

/** What a candidate should know before handing in. */
export function summary(cells: Cell[]): { answered: number; unanswered: number[]; flagged: number[] } {
  const unanswered = cells.filter((cell) => cell.mark === "unanswered").map((cell) => cell.number);
  const flagged = cells.filter((cell) => cell.flagged).map((cell) => cell.number);
  return { answered: cells.length - unanswered.length, unanswered, flagged };
}

/** Items of one kind stand together in the paper; each kind is a part of the card. */
export function parts<T extends { number: number }>(items: Item[], cells: T[]): { type: Item["type"]; cells: T[] }[] {
  const byNumber = new Map(cells.map((cell) => [cell.number, cell]));
  const found: { type: Item["type"]; cells: T[] }[] = [];
  for (const item of items) {
    const cell = byNumber.get(item.number);
    if (cell === undefined) continue;
    if (found.at(-1)?.type !== item.type) found.push({ type: item.type, cells: [] });
    found.at(-1)?.cells.push(cell);
  }
  return found;
}
