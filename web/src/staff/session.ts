import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { answered, createApi, Refusal, type Schemas } from "@/api/client";
import type { Scope } from "./feature";
import { i18n } from "./i18n";

const KEY = "kaochang.staff";
/** Milliseconds before its end at which an access token is renewed. */
const EARLY = 30_000;

interface Kept {
  access: string;
  refresh: string;
  /** Milliseconds since the epoch by this device's clock. */
  expires: number;
}

function readKept(): Kept | null {
  const text = sessionStorage.getItem(KEY);
  return text === null ? null : (JSON.parse(text) as Kept);
}

/** Who is logged in in this tab; renews the access token before it ends. */
export const useSession = defineStore("session", () => {
  const kept = ref<Kept | null>(readKept());
  const me = ref<Schemas["MeRead"] | null>(null);
  let renewing: Promise<void> | null = null;

  const language = () => i18n.global.locale.value;
  const open = createApi({ token: () => null, language });

  function keep(given: Schemas["TokenRead"] | null): void {
    kept.value =
      given === null
        ? null
        : { access: given.access_token, refresh: given.refresh_token, expires: Date.now() + given.expires_in * 1000 };
    if (kept.value === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(kept.value));
  }

  async function logIn(username: string, password: string): Promise<void> {
    keep(
      await answered(
        open.POST("/api/v1/auth/token", {
          body: { username, password, grant_type: "password", scope: "" },
          bodySerializer: (body) => new URLSearchParams(body as unknown as Record<string, string>),
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
        }),
      ),
    );
    await load();
  }

  async function renew(): Promise<void> {
    if (kept.value === null || kept.value.expires - Date.now() > EARLY) return;
    const refresh = kept.value.refresh;
    renewing ??= answered(open.POST("/api/v1/auth/refresh", { body: { refresh_token: refresh } }))
      .then(keep)
      .catch((reason: unknown) => {
        if (reason instanceof Refusal) forget();
        else throw reason;
      })
      .finally(() => {
        renewing = null;
      });
    await renewing;
  }

  /** The token to send now, or null when nobody is logged in. */
  async function token(): Promise<string | null> {
    await renew();
    return kept.value?.access ?? null;
  }

  async function load(): Promise<void> {
    const access = await token();
    me.value =
      access === null ? null : await answered(createApi({ token: () => access, language }).GET("/api/v1/auth/me"));
  }

  function forget(): void {
    keep(null);
    me.value = null;
  }

  async function logOut(): Promise<void> {
    const refresh = kept.value?.refresh;
    forget();
    if (refresh !== undefined) await open.POST("/api/v1/auth/logout", { body: { refresh_token: refresh } });
  }

  const scopes = computed(() => new Set<Scope>(me.value?.scopes ?? []));
  const may = (...wanted: Scope[]) => wanted.some((scope) => scopes.value.has(scope));
  const loggedIn = computed(() => kept.value !== null);

  return { me, scopes, may, loggedIn, logIn, logOut, load, token, forget };
});
