import { expect, test } from "vitest";
import { foundPoints, weightRows } from "./weights";

test("areas of both tables are rows, and what a table lacks is empty", () => {
  const rows = weightRows({
    theory_weights: [
      { area: "职业道德", weight: 5 },
      { area: "业务办理", weight: 95 },
    ],
    skill_weights: [
      { area: "业务办理", weight: 60 },
      { area: "综合出件", weight: 40 },
    ],
  });
  expect(rows).toEqual([
    { area: "职业道德", theory: 5, skills: null },
    { area: "业务办理", theory: 95, skills: 60 },
    { area: "综合出件", theory: null, skills: 40 },
  ]);
});

const CONTENT = [
  {
    area: "咨询引导",
    kind: "function" as never,
    groups: [
      {
        title: "L5/1.1 咨询服务",
        knowledge_points: [
          { id: "L5/1.1.1", text: "咨询礼仪" },
          { id: "L5/1.1.2", text: "沟通技巧" },
        ],
      },
    ],
  },
];

test("knowledge points are found by id, text and group", () => {
  const ids = (sought: string) =>
    foundPoints(CONTENT, sought).flatMap((area) =>
      area.groups.flatMap((group) => group.knowledge_points.map((point) => point.id)),
    );
  expect(ids("")).toEqual(["L5/1.1.1", "L5/1.1.2"]);
  expect(ids("l5/1.1.2")).toEqual(["L5/1.1.2"]);
  expect(ids(" 礼仪 ")).toEqual(["L5/1.1.1"]);
  expect(ids("咨询服务")).toEqual(["L5/1.1.1", "L5/1.1.2"]);
  expect(ids("没有")).toEqual([]);
});
