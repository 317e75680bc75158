import type { Feature } from "../feature";
import { MESSAGES } from "./messages";

const feature: Feature = {
  name: "papers",
  routes: [
    { path: "/papers", name: "papers", component: () => import("./Papers.vue") },
    { path: "/papers/assemble", name: "papers-assemble", component: () => import("./Assemble.vue") },
    { path: "/papers/:id", name: "paper", component: () => import("./Paper.vue"), props: true },
  ],
  menu: [{ to: "/papers", title: "papers.title", scopes: ["papers:read"], order: 50 }],
  messages: MESSAGES,
};
export default feature;
