import { onUnmounted, ref } from "vue";

/** Whether there is room for the answer card beside the item; follows the window. */
export function useWide() {
  const query = matchMedia("(min-width: 60rem)");
  const wide = ref(query.matches);
  const follow = () => (wide.value = query.matches);
  query.addEventListener("change", follow);
  onUnmounted(() => query.removeEventListener("change", follow));
  return wide;
}
