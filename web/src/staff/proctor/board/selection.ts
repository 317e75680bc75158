import { computed, ref, shallowRef } from "vue";

/** Which candidates are selected, and where the keyboard stands; `ids` gives the candidates shown, in order. */
export function useSelection(ids: () => readonly string[]) {
  const selected = shallowRef<ReadonlySet<string>>(new Set());
  const current = ref<string | null>(null);
  let anchor: string | null = null;

  function only(id: string): void {
    selected.value = new Set([id]);
    current.value = anchor = id;
  }

  function toggle(id: string): void {
    const next = new Set(selected.value);
    if (!next.delete(id)) next.add(id);
    selected.value = next;
    current.value = anchor = id;
  }

  /** From where a selection began to here. */
  function through(id: string): void {
    const shown = ids();
    const [from, to] = [anchor === null ? -1 : shown.indexOf(anchor), shown.indexOf(id)];
    if (from < 0) return only(id);
    const range = shown.slice(Math.min(from, to), Math.max(from, to) + 1);
    selected.value = new Set([...selected.value, ...range]);
    current.value = id;
  }

  function all(): void {
    selected.value = new Set(ids());
  }

  function none(): void {
    selected.value = new Set();
  }

  /** A click: alone it selects one, with Ctrl or Cmd one more, with Shift all between. */
  function click(id: string, event: MouseEvent, several: boolean): void {
    if (event.shiftKey) through(id);
    else if (several || event.ctrlKey || event.metaKey) toggle(id);
    else only(id);
  }

  /** Moves where the keyboard stands by so many candidates; returns it. */
  function step(by: number): string | null {
    const shown = ids();
    const at = current.value === null ? -1 : shown.indexOf(current.value);
    const next = at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + by));
    current.value = shown[next] ?? null;
    return current.value;
  }

  const everyone = computed(() => ids().length > 0 && ids().every((id) => selected.value.has(id)));
  return { selected, current, everyone, only, toggle, through, all, none, click, step };
}

export type Selection = ReturnType<typeof useSelection>;
