import { onMounted, onUnmounted, ref } from "vue";
import { useExam } from "../inject";
import { enterFullScreen } from "./full-screen";

type Screen = "whole" | "left" | "to_enter";

const REPORTED: Record<string, string> = {
  copy: "copy",
  cut: "copy",
  paste: "paste",
  contextmenu: "context_menu",
  beforeprint: "print",
};
const SILENT = ["dragstart", "drop", "selectstart"];
/** With Ctrl or Cmd: print, save, source, find, select all. */
const SHORTCUTS = ["p", "s", "u", "f", "a"];

/** Text fields of the candidate's own, such as the note to a raised hand, may be worked in. */
function isOwnField(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

/**
 * While its component is shown: no copying, printing, context menu or selection, and what was tried is reported, as is
 * leaving the window or full screen. `away` tells that the candidate has just been away.
 */
export function useGuards() {
  const exam = useExam();
  const screen = ref<Screen>(!document.fullscreenEnabled || document.fullscreenElement ? "whole" : "to_enter");
  const away = ref(false);
  let gone = false;

  function refuse(event: Event): void {
    const silent = SILENT.includes(event.type);
    if (silent && isOwnField(event.target)) return;
    event.preventDefault();
    if (!silent) exam.report(REPORTED[event.type] ?? event.type);
  }

  function press(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || !SHORTCUTS.includes(event.key.toLowerCase())) return;
    event.preventDefault();
    if (event.key.toLowerCase() === "p") exam.report("print");
  }

  function turned(): void {
    if (document.fullscreenElement !== null) screen.value = "whole";
    else if (screen.value === "whole") {
      screen.value = "left";
      exam.report("full_screen_left");
    }
  }

  function left(): void {
    if (gone) return;
    gone = true;
    exam.report("focus_lost");
  }

  function returned(): void {
    if (gone) away.value = true;
    gone = false;
  }

  const hidden = () => (document.visibilityState === "hidden" ? left() : returned());

  /** Called by a press of the candidate's; a device that refuses full screen goes on without. */
  async function back(): Promise<void> {
    await enterFullScreen();
    screen.value = "whole";
  }

  onMounted(() => {
    document.body.classList.add("examining");
    for (const type of [...Object.keys(REPORTED), ...SILENT]) addEventListener(type, refuse, { capture: true });
    addEventListener("keydown", press, { capture: true });
    addEventListener("blur", left);
    addEventListener("focus", returned);
    document.addEventListener("visibilitychange", hidden);
    document.addEventListener("fullscreenchange", turned);
  });
  onUnmounted(() => {
    document.body.classList.remove("examining");
    for (const type of [...Object.keys(REPORTED), ...SILENT]) removeEventListener(type, refuse, { capture: true });
    removeEventListener("keydown", press, { capture: true });
    removeEventListener("blur", left);
    removeEventListener("focus", returned);
    document.removeEventListener("visibilitychange", hidden);
    document.removeEventListener("fullscreenchange", turned);
  });

  return { screen, away, back };
}
