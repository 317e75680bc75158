import { reactive, watchEffect } from "vue";

export const THEMES = ["light", "dark", "contrast"] as const;
export type Theme = (typeof THEMES)[number];
/** Of the browser's own font size, percent. */
export const SIZES = [100, 115, 130, 150] as const;

interface Look {
  theme: Theme;
  size: number;
  list: boolean;
}

const KEY = "kaochang.look";

/** How this device shows the pages; nothing of a candidate. */
export const look = reactive<Look>({ theme: "light", size: 100, list: false, ...read() });

function read(): Partial<Look> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Look>;
  } catch {
    return {};
  }
}

export function showLook(): void {
  watchEffect(() => {
    document.documentElement.dataset["theme"] = look.theme;
    document.documentElement.style.fontSize = `${look.size}%`;
    localStorage.setItem(KEY, JSON.stringify(look));
  });
}
