import { onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { answered, Refusal, type Schemas } from "@/api/client";
import { api } from "../api";
import { told } from "../refusals";
import type { Row } from "./composition";

/** Milliseconds without a change after which the blueprint is tried. */
const SETTLE = 350;

/** The blueprint of what is being composed, tried anew whenever it changes; null stands for nothing to try yet. */
export function useTrial(request: Ref<Schemas["BlueprintRequest"] | null>) {
  const rows = shallowRef<Row[]>([]);
  const refusal = shallowRef<Refusal>();
  const busy = ref(false);
  let settling: ReturnType<typeof setTimeout>;
  let asked = 0;

  async function run(body: Schemas["BlueprintRequest"], mine: number): Promise<void> {
    try {
      const found = await answered(api.POST("/api/v1/papers/blueprint", { body }));
      if (mine === asked) [rows.value, refusal.value] = [found.rows, undefined];
    } catch (reason) {
      if (mine !== asked) return;
      rows.value = [];
      if (!(reason instanceof Refusal)) throw reason;
      refusal.value = reason;
    } finally {
      if (mine === asked) busy.value = false;
    }
  }

  watch(
    () => JSON.stringify(request.value),
    () => {
      clearTimeout(settling);
      const [body, mine] = [request.value, ++asked];
      if (body === null) return;
      busy.value = true;
      settling = setTimeout(() => void told(() => run(body, mine)), SETTLE);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(settling));

  return { rows, refusal, busy };
}
