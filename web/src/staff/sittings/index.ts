import type { Feature } from "../feature";
import { MESSAGES } from "./messages";

export default {
  name: "sittings",
  routes: [
    { path: "/sittings", name: "sittings", component: () => import("./Sittings.vue") },
    { path: "/sittings/new", name: "new-sitting", component: () => import("./Wizard.vue") },
    {
      path: "/sittings/:id",
      component: () => import("./Sitting.vue"),
      props: true,
      children: [
        { path: "", name: "sitting", component: () => import("./Overview.vue") },
        { path: "plan", name: "sitting-plan", component: () => import("./Plan.vue") },
        { path: "roster", name: "sitting-roster", component: () => import("./Roster.vue") },
        { path: "rooms", name: "sitting-rooms", component: () => import("./Rooms.vue") },
        { path: "seats", name: "sitting-seats", component: () => import("./Seats.vue") },
        { path: "alarms", name: "sitting-alarms", component: () => import("./Alarms.vue") },
        { path: "prints", name: "sitting-prints", component: () => import("./Prints.vue") },
        { path: "live", name: "sitting-live", component: () => import("./Live.vue") },
      ],
    },
  ],
  menu: [{ to: "/sittings", title: "sittings.title", scopes: ["sittings:read"], order: 30 }],
  messages: MESSAGES,
} satisfies Feature;
