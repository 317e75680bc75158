import type { Feature } from "./feature";

/** Every part of the desk: a new one is a folder with an `index.ts` that exports its `Feature` as default. */
export const FEATURES: Feature[] = Object.values(
  import.meta.glob<Feature>("./*/index.ts", { eager: true, import: "default" }),
);
