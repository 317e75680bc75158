import { expect, test } from "vitest";
import { readAll, usePages } from "./paging";

const PAGES: Record<string, { items: number[]; next_cursor: string | null }> = {
  "": { items: [1, 2], next_cursor: "b" },
  b: { items: [3, 4], next_cursor: "c" },
  c: { items: [5], next_cursor: null },
};
const read = (cursor: string | undefined) => Promise.resolve(PAGES[cursor ?? ""]!);

test("pages are turned forward and back", async () => {
  const pages = usePages(read);
  await pages.first();
  expect([pages.rows.value, pages.number.value, pages.hasPrevious.value]).toEqual([[1, 2], 1, false]);
  await pages.forward();
  await pages.forward();
  expect([pages.rows.value, pages.number.value, pages.hasNext.value]).toEqual([[5], 3, false]);
  await pages.back();
  expect(pages.rows.value).toEqual([3, 4]);
});

test("an answer that comes after a newer question is not shown", async () => {
  const answers: ((page: { items: string[]; next_cursor: null }) => void)[] = [];
  const pages = usePages<string>(() => new Promise((resolve) => answers.push(resolve)));
  const [old, young] = [pages.first(), pages.first()];
  answers[1]!({ items: ["new"], next_cursor: null });
  answers[0]!({ items: ["old"], next_cursor: null });
  await Promise.all([old, young]);
  expect(pages.rows.value).toEqual(["new"]);
});

test("a page that cannot be read leaves the one before", async () => {
  let broken = false;
  const pages = usePages((cursor) => (broken ? Promise.reject(new Error("away")) : read(cursor)));
  await pages.first();
  broken = true;
  await expect(pages.forward()).rejects.toThrow("away");
  expect([pages.rows.value, pages.number.value, pages.loading.value]).toEqual([[1, 2], 1, false]);
});

test("a short list is read whole", async () => {
  expect(await readAll(read)).toEqual([1, 2, 3, 4, 5]);
});
