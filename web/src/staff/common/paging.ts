import { computed, ref, shallowRef } from "vue";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/**
 * One page of a list at a time. The service's cursors lead only forward, so the way back is remembered.
 * `read` throws what `answered` throws; the page shown stays then.
 */
export function usePages<T>(read: (cursor: string | undefined) => Promise<Page<T>>) {
  const rows = shallowRef<T[]>([]);
  const loading = ref(false);
  const trail = ref<(string | undefined)[]>([undefined]);
  const next = ref<string | null>(null);
  let asked = 0;

  async function open(way: (string | undefined)[]): Promise<void> {
    const mine = ++asked;
    loading.value = true;
    try {
      const page = await read(way.at(-1));
      if (mine !== asked) return;
      rows.value = page.items;
      next.value = page.next_cursor;
      trail.value = way;
    } finally {
      if (mine === asked) loading.value = false;
    }
  }

  return {
    rows,
    loading,
    number: computed(() => trail.value.length),
    hasNext: computed(() => next.value !== null),
    hasPrevious: computed(() => trail.value.length > 1),
    first: () => open([undefined]),
    again: () => open(trail.value),
    forward: () => (next.value === null ? Promise.resolve() : open([...trail.value, next.value])),
    back: () => (trail.value.length < 2 ? Promise.resolve() : open(trail.value.slice(0, -1))),
  };
}

/** All rows of a list that is short enough to be read whole. */
export async function readAll<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await read(cursor);
    rows.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}
