import type { Feature } from "../feature";
import { MESSAGES } from "./messages";

const feature: Feature = {
  name: "bank",
  routes: [
    { path: "/bank", name: "bank", component: () => import("./Items.vue") },
    { path: "/bank/coverage", name: "bank-coverage", component: () => import("./Coverage.vue") },
    { path: "/bank/import", name: "bank-import", component: () => import("./Import.vue") },
    { path: "/bank/new", name: "bank-new", component: () => import("./Editor.vue") },
    { path: "/bank/items/:id", name: "bank-item", component: () => import("./Item.vue"), props: true },
    { path: "/bank/items/:id/edit", name: "bank-edit", component: () => import("./Editor.vue"), props: true },
  ],
  menu: [{ to: "/bank", title: "bank.title", scopes: ["items:read"], order: 40 }],
  messages: MESSAGES,
};
export default feature;
