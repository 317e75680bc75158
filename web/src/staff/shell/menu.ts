import type { MenuEntry, Scope } from "../feature";
import { FEATURES } from "../features";

/** The menu's entries for someone who may what `may` says, in order. */
export function menuFor(may: (...scopes: Scope[]) => boolean): MenuEntry[] {
  return FEATURES.flatMap((feature) => feature.menu)
    .filter((entry) => may(...entry.scopes))
    .sort((one, other) => one.order - other.order);
}
