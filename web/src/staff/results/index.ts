import type { Feature } from "../feature";
import { MESSAGES } from "./messages";

export default {
  name: "results",
  routes: [
    { path: "/results", name: "results", component: () => import("./SittingChoice.vue") },
    { path: "/results/:sittingId", name: "sitting-results", component: () => import("./Results.vue"), props: true },
  ],
  menu: [{ to: "/results", title: "results.title", scopes: ["results:read"], order: 35 }],
  messages: MESSAGES,
} satisfies Feature;
