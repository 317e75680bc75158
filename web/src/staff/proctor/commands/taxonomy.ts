import { computed, shallowRef } from "vue";
import { useI18n } from "vue-i18n";
import { answered, type Schemas } from "@/api/client";
import { api } from "../../api";
import type { Reason } from "./actions";

type Kind = Schemas["IncidentKindRead"];

const reasons = shallowRef<readonly Reason[]>([]);
const kinds = shallowRef<readonly Kind[]>([]);

/** Loads the reasons and kinds of incidents once for this page. Throws `Refusal` or `Unreachable`. */
export async function loadTaxonomy(): Promise<void> {
  if (reasons.value.length > 0) return;
  const [given, known] = await Promise.all([
    answered(api.GET("/api/v1/proctor/reasons")),
    answered(api.GET("/api/v1/proctor/incident-kinds")),
  ]);
  reasons.value = given.reasons;
  kinds.value = known.items;
}

interface Named {
  zh: string;
  en: string;
}

/** The service's reasons and kinds with their names in the reader's language. */
export function useTaxonomy() {
  const { locale } = useI18n();
  const named = (thing: Named | undefined, code: string) =>
    thing === undefined ? code : locale.value === "en" ? thing.en : thing.zh;
  const byCode = computed(() => new Map<string, Reason>(reasons.value.map((reason) => [reason.code, reason])));
  const byKind = computed(() => new Map<string, Kind>(kinds.value.map((kind) => [kind.kind, kind])));
  return {
    reasons,
    kinds,
    reason: (code: string) => named(byCode.value.get(code), code),
    kind: (code: string) => named(byKind.value.get(code), code),
    stopsClock: (code: string) => byCode.value.get(code)?.stops_clock === true,
  };
}
