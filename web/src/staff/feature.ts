import type { RouteRecordRaw } from "vue-router";
import type { Schemas } from "@/api/client";
import type { Locale } from "@/shared/locale";

export type Scope = Schemas["Scope"];

/** One part of the desk: its addresses, its line in the menu, its texts (below `messages[locale][name]`). */
export interface Feature {
  name: string;
  routes: RouteRecordRaw[];
  menu: MenuEntry[];
  messages: Record<Locale, object>;
}

export interface MenuEntry {
  /** A route's address. */
  to: string;
  /** Key of the title, e.g. `papers.title`. */
  title: string;
  /** One of these scopes shows the entry. */
  scopes: Scope[];
  /** Lower is higher up. */
  order: number;
}
