/**
 * The font of our own for devices without a Chinese one: after the first paint, and of its hundred pieces a browser
 * fetches only those whose characters no font of the system has.
 */
export function offerFont(): void {
  void import("@fontsource-variable/noto-sans-sc/index.css");
}
