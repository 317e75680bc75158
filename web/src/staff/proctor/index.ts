import type { Feature } from "../feature";
import { ACTS } from "./texts/acts";
import { BOARD } from "./texts/board";
import { DESK } from "./texts/desk";

export default {
  name: "proctor",
  routes: [
    { path: "/rooms", name: "rooms", component: () => import("./Rooms.vue") },
    { path: "/rooms/:id", name: "room", component: () => import("./Room.vue"), props: true },
    { path: "/rooms/:id/wall", name: "wall", component: () => import("./Wall.vue"), props: true, meta: { bare: true } },
    { path: "/chief/:sittingId", name: "chief", component: () => import("./Chief.vue"), props: true },
  ],
  menu: [{ to: "/rooms", title: "proctor.title", scopes: ["rooms:proctor"], order: 40 }],
  messages: {
    "zh-CN": { ...BOARD["zh-CN"], ...ACTS["zh-CN"], ...DESK["zh-CN"] },
    en: { ...BOARD.en, ...ACTS.en, ...DESK.en },
  },
} satisfies Feature;
