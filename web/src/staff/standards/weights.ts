import type { Schemas } from "@/api/client";

export interface WeightRow {
  area: string;
  theory: number | null;
  skills: number | null;
}

/** The areas of both weight tables in their order, with what each weighs; null where a table lacks the area. */
export function weightRows(level: Pick<Schemas["LevelRead"], "theory_weights" | "skill_weights">): WeightRow[] {
  const skills = new Map(level.skill_weights.map((row) => [row.area, row.weight]));
  const theory = new Map(level.theory_weights.map((row) => [row.area, row.weight]));
  return [...new Set([...theory.keys(), ...skills.keys()])].map((area) => ({
    area,
    theory: theory.get(area) ?? null,
    skills: skills.get(area) ?? null,
  }));
}

export interface Found {
  area: string;
  groups: Schemas["PointGroup"][];
  count: number;
}

/** The areas with the knowledge points in whose id, text or group title `sought` stands; all when it is empty. */
export function foundPoints(content: Schemas["AreaContentRead"][], sought: string): Found[] {
  const wanted = sought.trim().toLowerCase();
  const fits = (text: string) => text.toLowerCase().includes(wanted);
  return content
    .map(({ area, groups }) => {
      const kept = groups
        .map((group) => ({
          title: group.title,
          knowledge_points: fits(group.title)
            ? group.knowledge_points
            : group.knowledge_points.filter((point) => fits(point.id) || fits(point.text)),
        }))
        .filter((group) => group.knowledge_points.length > 0);
      return { area, groups: kept, count: kept.reduce((sum, group) => sum + group.knowledge_points.length, 0) };
    })
    .filter((one) => one.count > 0);
}
