export type Stroke =
  { does: "choose"; index: number } | { does: "go"; by: 1 | -1 } | { does: "flag" } | { does: "clear" };

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">;

const LETTERS = "ABCDE";

/** What a key does while an item is shown, or null. A to E (or 1 to 5) choose, arrows turn the page, F flags. */
export function stroke(pressed: Pressed, options: number): Stroke | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null;
  const key = pressed.key.toUpperCase();
  if (key === "ARROWRIGHT" || key === "ARROWDOWN" || key === "PAGEDOWN") return { does: "go", by: 1 };
  if (key === "ARROWLEFT" || key === "ARROWUP" || key === "PAGEUP") return { does: "go", by: -1 };
  if (key === "F") return { does: "flag" };
  if (key === "BACKSPACE" || key === "DELETE") return { does: "clear" };
  if (key.length !== 1) return null;
  const index = LETTERS.includes(key) ? LETTERS.indexOf(key) : "12345".indexOf(key);
  return index >= 0 && index < options ? { does: "choose", index } : null;
}
