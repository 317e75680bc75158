import { computed, ref, shallowRef } from "vue";
import { answered, Refusal, type Schemas, Unreachable } from "@/api/client";
import type { Paper } from "./answers";
import { createBook, type Book } from "./book";
import { createMail } from "./mail";
import { Pulse } from "./pulse";
import { pause } from "./retry";
import { canOpen, opened, type Sealed } from "./sealed";
import { Sender } from "./sender";
import { api, forget, kept, logIn as takeLease, patience } from "./session";
import { Store } from "./store";
import { Closed, follow, isFinal, type Told } from "./stream";
import { handIn, type Receipt } from "./submission";
import { becomeWriter } from "./tabs";
import { Countdown, notice } from "./timing";

export type Exam = ReturnType<typeof createExam>;
export type Info = Schemas["ExamRead"];
type State = Info["state"];

/** Why this page may not go on: the attempt is on another device, in another tab, or the login has ended. */
export type Stop = "lease_moved" | "other_tab" | "invalid_token";

const TICK = 250;
/** Within so many milliseconds of the login a waiting page fetches the sealed paper, at a moment of chance. */
const SPREAD = 15_000;
const OVER: readonly State[] = ["submitted", "terminated", "voided", "absent"];
const LOGIN_GONE = ["invalid_token", "not_authenticated", "not_allowed"];

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One candidate's exam on this page: what is known, and what the candidate can do. */
export function createExam(store: Store) {
  const info = ref<Info | null>(null);
  const paper = shallowRef<Paper | null>(null);
  const book = shallowRef<Book | null>(null);
  const receipt = shallowRef<Receipt | null>(null);
  const stopped = ref<Stop | null>(null);
  const online = ref(true);
  /** Milliseconds left, as shown; null when there is no deadline. */
  const left = ref<number | null>(null);
  const ticking = ref(false);
  const now = ref(Date.now());
  /** The notice that is spoken now, minutes. */
  const spoken = ref<number | null>(null);
  const expiring = ref(false);
  const hand = ref<Schemas["HandRead"] | null>(null);
  const sealed = shallowRef<Sealed | null>(null);
  /** Answers that could not be sent before the exam was over. */
  const lost = ref(0);

  const time = new Countdown();
  let streaming = new AbortController();

  const stage = computed(() => {
    if (stopped.value !== null) return "stopped";
    if (kept.value === null) return "login";
    if (info.value === null) return "loading";
    if (OVER.includes(info.value.state)) return "ended";
    if (info.value.state === "interrupted") return "paused";
    if (info.value.state === "in_progress") return paper.value === null ? "loading" : "writing";
    return "waiting";
  });

  const mail = createMail((ids) =>
    answered(api.POST("/api/v1/exam/messages/confirm", { body: { ids }, signal: patience() })),
  );

  const sender = new Sender({
    batch: () => book.value?.batch() ?? [],
    save: async (entries, leaving) => {
      const sentAt = performance.now();
      const saved = await answered(
        api.PUT("/api/v1/exam/responses", {
          body: {
            responses: entries.map(({ number, answer, sequence, clientTime }) => ({
              number,
              answer,
              sequence,
              client_time: clientTime,
            })),
          },
          keepalive: leaving,
          signal: patience(),
        }),
      );
      hear(saved, (performance.now() - sentAt) / 2);
      if (saved.responses.some((one) => one.reason === "not_in_progress")) void pulse.beat();
      return saved.responses;
    },
    settle: async (sent, outcomes) => book.value?.settle(sent, outcomes),
    failed,
  });

  const pulse = new Pulse(async (events) => {
    const sentAt = performance.now();
    try {
      const told = await answered(
        api.POST("/api/v1/exam/events", {
          body: { events, client_time: new Date().toISOString() },
          signal: patience(),
        }),
      );
      hear(told, (performance.now() - sentAt) / 2);
      if (stage.value === "waiting") await refresh();
    } catch (reason) {
      failed(reason);
      throw reason;
    }
  });

  /** Takes note of a failed call; true when nothing more can be done with this login. */
  function failed(reason: unknown): boolean {
    if (reason instanceof Refusal) {
      if (reason.code === "lease_moved") stop("lease_moved");
      else if (LOGIN_GONE.includes(reason.code)) stop("invalid_token");
      if (reason.status < 500) return stopped.value !== null;
    }
    online.value = false;
    return false;
  }

  function stop(why: Stop): void {
    stopped.value = why;
    quiet();
    paper.value = null;
    sealed.value = null;
  }

  function quiet(): void {
    sender.hold();
    pulse.stop();
    streaming.abort();
  }

  /** Takes over whatever an answer of the service tells. */
  function hear(told: Partial<Told> & Pick<Told, "server_time" | "deadline_at" | "deadline_version">, halfway = 0) {
    if (!online.value) {
      online.value = true;
      sender.wake();
    }
    if (time.hear(told, halfway)) {
      book.value?.reopen("deadline_moved");
      sender.changed();
    }
    left.value = time.left();
    ticking.value = time.running;
    if (told.messages !== undefined) mail.hear(told.messages);
    if (told.hand !== undefined) hand.value = told.hand;
    if (info.value === null) return;
    const before = info.value;
    info.value = {
      ...before,
      state: told.state ?? before.state,
      room_state: told.room_state ?? before.room_state,
      deadline_at: told.deadline_at,
    };
    if (info.value.state !== before.state) void moved(info.value.state);
    else if (info.value.room_state !== before.room_state) void refresh().catch(failed);
  }

  async function moved(state: State): Promise<void> {
    if (state === "interrupted") sender.hold();
    if (state === "in_progress") await persist(goOn);
    if (OVER.includes(state)) await persist(end);
  }

  /** Does it, again after a pause while the service cannot be reached. */
  async function persist<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 1; stopped.value === null && kept.value !== null; failures += 1) {
      try {
        return await work();
      } catch (reason) {
        if (failed(reason)) return undefined;
        await wait(pause(failures));
      }
    }
    return undefined;
  }

  async function refresh(): Promise<Info> {
    const told = await answered(api.GET("/api/v1/exam", { signal: patience() }));
    const before = info.value?.state;
    info.value = told;
    hear(told);
    if (before !== undefined && before !== told.state) await moved(told.state);
    return told;
  }

  /** The paper is open: shows it, and sends what has waited. */
  async function goOn(): Promise<void> {
    paper.value ??= await answered(api.GET("/api/v1/exam/paper", { signal: patience() }));
    book.value?.reopen("going_on");
    sender.release();
  }

  /** Over, by whatever: gets the receipt and forgets the answers. */
  async function end(): Promise<void> {
    if (info.value?.state === "submitted")
      receipt.value ??= await answered(api.GET("/api/v1/exam/receipt", { signal: patience() }));
    await book.value?.written();
    lost.value = book.value?.waiting.value ?? 0;
    quiet();
    paper.value = null;
    await book.value?.clear();
  }

  /** From the login, or from a reload, to where the attempt stands. */
  async function enter(steal = false): Promise<void> {
    const attempt = kept.value?.attempt;
    if (attempt === undefined) return;
    stopped.value = null;
    if (!(await becomeWriter(attempt, steal, () => stop("other_tab")))) return stop("other_tab");
    book.value = createBook(store, attempt);
    await persist(async () => {
      const told = await answered(api.GET("/api/v1/exam", { signal: patience() }));
      if (["in_progress", "interrupted"].includes(told.state))
        await book.value?.load(await answered(api.GET("/api/v1/exam/responses", { signal: patience() })));
      info.value = told;
      hear(told);
      await moved(told.state);
    });
    if (info.value === null || OVER.includes(info.value.state)) return;
    pulse.start();
    streaming = new AbortController();
    void follow({ open: openStream, told: hear, ended: streamEnded }, streaming.signal);
    if (stage.value === "waiting") void prefetch();
  }

  async function openStream(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const body = await answered(api.GET("/api/v1/exam/stream", { parseAs: "stream", signal }));
    if (body === null || body === undefined) throw new Unreachable("no stream");
    return body as unknown as ReadableStream<Uint8Array>;
  }

  function streamEnded(reason: unknown): boolean {
    if (!isFinal(reason)) return !(reason instanceof Closed) && failed(reason) ? false : true;
    stop(reason.code === "stream_replaced" ? "other_tab" : (reason.code as Stop));
    return false;
  }

  async function prefetch(): Promise<void> {
    if (!canOpen()) return;
    await wait(Math.random() * SPREAD);
    if (stage.value !== "waiting") return;
    sealed.value = await answered(api.GET("/api/v1/exam/sealed-paper", { signal: patience() })).catch(() => null);
  }

  /** Begins. Throws Refusal, Unreachable. */
  async function start(): Promise<void> {
    const started = await answered(api.POST("/api/v1/exam/start", { signal: patience() }));
    if (sealed.value !== null) paper.value = await opened(sealed.value, started.paper_key).catch(() => null);
    sealed.value = null;
    hear({ ...started, state: info.value?.state ?? started.state });
    const { paper_key: _, ...told } = started;
    info.value = told;
    await persist(goOn);
  }

  async function change(number: number, answer: string): Promise<void> {
    if (expiring.value || stage.value !== "writing") return;
    await book.value?.change(number, answer).catch(() => undefined);
    sender.changed();
  }

  /** Hands in. Throws Refusal, Unreachable. */
  async function submit(): Promise<void> {
    if (book.value === null) return;
    receipt.value = await handIn(book.value, sender);
    await persist(refresh);
  }

  /** At zero: what waits is sent and handed in; later than the grace, the service has closed it by itself. */
  async function expire(): Promise<void> {
    expiring.value = true;
    for (let failures = 1; stage.value === "writing" && time.left() === 0; failures += 1) {
      await submit().catch(async (reason: unknown) => {
        if (!failed(reason) && reason instanceof Refusal) await refresh().catch(failed);
      });
      if (stage.value === "writing") await wait(pause(failures));
    }
    expiring.value = false;
  }

  function tick(): void {
    now.value = time.clock.now();
    const before = left.value;
    left.value = time.left();
    if (stage.value !== "writing" || left.value === null || !time.running) return;
    if (before !== null) spoken.value = notice(before, left.value) ?? spoken.value;
    if (left.value === 0 && !expiring.value) void expire();
  }

  async function logIn(ticket: string, identity: string): Promise<void> {
    await takeLease(ticket, identity, await store.device());
    await enter();
  }

  /** Leaves this page ready for the next candidate. */
  function leave(): void {
    quiet();
    forget();
    location.reload();
  }

  async function raiseHand(reason: Schemas["HandReason"], note: string): Promise<void> {
    hand.value = await answered(api.POST("/api/v1/exam/hand", { body: { reason, note }, signal: patience() }));
  }

  async function lowerHand(): Promise<void> {
    await answered(api.DELETE("/api/v1/exam/hand", { signal: patience() }));
    hand.value = null;
  }

  const saving = computed(() => {
    const mine = book.value;
    if (mine === null) return "saved";
    if (mine.unkept.value) return "unkept";
    if (mine.refused.value.length > 0) return "refused";
    if (!online.value) return "offline";
    return mine.waiting.value > 0 ? "saving" : "saved";
  });

  setInterval(tick, TICK);
  addEventListener("online", () => void pulse.beat());
  addEventListener("offline", () => (online.value = false));
  addEventListener("pagehide", () => sender.leave());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") sender.leave();
  });

  return {
    ...{ info, paper, book, receipt, stopped, online, left, ticking, now, spoken, expiring, hand, sealed, lost, stage, saving },
    messages: mail.messages,
    closeMessage: mail.close,
    report: (kind: string, detail = "") => pulse.report(kind, detail),
    /** Whether this device can keep answers; rejects when it cannot. */
    storage: () => store.device(),
    skew: () => time.clock.skew(),
    ...{ logIn, enter, start, change, submit, leave, raiseHand, lowerHand, refresh },
  };
}
