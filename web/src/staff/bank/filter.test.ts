import { expect, test } from "vitest";
import { filterOf, parametersOf, queryOf } from "./filter";

test("a filter is kept in the address and read from it", () => {
  const query = { state: "active", level: "5", q: "窗口" };
  expect(queryOf(filterOf(query))).toEqual(query);
  expect(queryOf(filterOf({}))).toEqual({});
});

test("the service is asked for what it knows only", () => {
  const asked = parametersOf(filterOf({ state: "gone", type: "multiple", level: "9", q: "  ", point: "L5/1.1.1" }));
  expect(Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))).toEqual({
    type: "multiple",
    knowledge_point: "L5/1.1.1",
  });
});
