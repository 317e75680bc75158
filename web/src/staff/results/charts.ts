/** What every picture of the results has in common. */
export const CHART_BASE = {
  animation: false,
  textStyle: { color: "#1b2430" },
  grid: { left: 8, right: 24, top: 32, bottom: 8, containLabel: true },
  tooltip: { trigger: "axis" as const, axisPointer: { type: "shadow" as const } },
};
export const GRID_LINES = { lineStyle: { color: "#e2e7ee" } };
export const PASSED = "#0b5cad";
export const FAILED = "#c98a2b";

export const percent = (share: number): number => Math.round(share * 1000) / 10;
