import { computed, ref, shallowRef } from "vue";
import { Refusal, type Schemas } from "@/api/client";
import { follow } from "@/shared/eventStream";
import { pause, rest } from "@/shared/retry";
import type { Paper } from "./answers";
import { type Book, createBook } from "./book";
import * as calls from "./calls";
import { createMail } from "./mail";
import { listenToPage } from "./page";
import { Pulse } from "./pulse";
import { canOpen, opened, type Sealed } from "./sealed";
import { Sender } from "./sender";
import { forget, kept, logIn as takeLease } from "./session";
import { isOver, stageOf, type State, type Stop } from "./stage";
import type { Store } from "./store";
import { Closed, hearing, type Told } from "./stream";
import { handIn, type Receipt } from "./submission";
import { becomeWriter } from "./tabs";
import { createTimer } from "./timer";

export type Exam = ReturnType<typeof createExam>;
export type Info = Schemas["ExamRead"];

const TICK = 250;
/** Within so many milliseconds of the login a waiting page fetches the sealed paper, at a moment of chance. */
const SPREAD = 15_000;
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
  const expiring = ref(false);
  const hand = ref<Schemas["HandRead"] | null>(null);
  const sealed = shallowRef<Sealed | null>(null);
  /** Answers that could not be sent before the exam was over. */
  const lost = ref(0);
  /** This page has shown the paper. */
  const wrote = ref(false);

  const timer = createTimer();
  let streaming = new AbortController();

  const stage = computed(() =>
    stageOf({
      stopped: stopped.value,
      loggedIn: kept.value !== null,
      state: info.value?.state ?? null,
      hasPaper: paper.value !== null,
    }),
  );

  const mail = createMail(calls.confirmMessages);

  const sender = new Sender({
    batch: () => book.value?.batch() ?? [],
    save: async (entries, leaving) => {
      const { answer, halfway } = await calls.saveResponses(entries, leaving);
      hear(answer, halfway);
      if (answer.responses.some((one) => one.reason === "not_in_progress")) void pulse.beat();
      return answer.responses;
    },
    settle: async (sent, outcomes) => book.value?.settle(sent, outcomes),
    failed,
  });

  const pulse = new Pulse(async (events) => {
    try {
      const { answer, halfway } = await calls.reportEvents(events);
      hear(answer, halfway);
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
    if (timer.hear(told, halfway)) {
      book.value?.reopen("deadline_moved");
      sender.changed();
    }
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
    if (isOver(state)) await persist(end);
  }

  /** Does it, again after a pause while the service cannot be reached. */
  async function persist<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 1; stopped.value === null && kept.value !== null; failures += 1) {
      try {
        return await work();
      } catch (reason) {
        if (failed(reason)) return undefined;
        await rest(pause(failures));
      }
    }
    return undefined;
  }

  async function refresh(): Promise<Info> {
    const told = await calls.getExam();
    const before = info.value?.state;
    info.value = told;
    hear(told);
    if (before !== undefined && before !== told.state) await moved(told.state);
    return told;
  }

  /** The paper is open: shows it, and sends what has waited. */
  async function goOn(): Promise<void> {
    paper.value ??= await calls.getPaper();
    wrote.value = true;
    book.value?.reopen("going_on");
    sender.release();
  }

  /** Over, by whatever: gets the receipt and forgets the answers. */
  async function end(): Promise<void> {
    if (info.value?.state === "submitted") receipt.value ??= await calls.getReceipt();
    await book.value?.written();
    lost.value = book.value?.waiting.value ?? 0;
    quiet();
    paper.value = null;
    await book.value?.clear();
  }

  /** From the login, or from a reload, to where the attempt stands. */
  async function enter(steal = false): Promise<void> {
    if (kept.value === null) return;
    const { attempt, epoch } = kept.value;
    stopped.value = null;
    if (!(await becomeWriter(attempt, steal, () => stop("other_tab")))) return stop("other_tab");
    book.value = createBook(store, attempt, epoch);
    await persist(async () => {
      const told = await calls.getExam();
      if (["in_progress", "interrupted"].includes(told.state)) await book.value?.load(await calls.getResponses());
      info.value = told;
      hear(told);
      await moved(told.state);
    });
    if (info.value === null || isOver(info.value.state)) return;
    pulse.start();
    streaming = new AbortController();
    void follow({ open: calls.openStream, heard: hearing(hear), lost: streamLost }, streaming.signal);
    if (stage.value === "waiting") void prefetch();
  }

  /** Whether to open it again. A replaced stream is not: heartbeats tell the same, a little later. */
  function streamLost(reason: unknown): boolean {
    if (!(reason instanceof Closed)) return reason === null || !failed(reason);
    if (reason.code === "lease_moved" || reason.code === "invalid_token") stop(reason.code);
    return stopped.value === null && reason.code !== "stream_replaced";
  }

  async function prefetch(): Promise<void> {
    if (!canOpen()) return;
    await wait(Math.random() * SPREAD);
    if (stage.value !== "waiting") return;
    sealed.value = await calls.getSealedPaper().catch(() => null);
  }

  /** Begins. Throws Refusal, Unreachable. */
  async function start(): Promise<void> {
    const started = await calls.startExam();
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
    for (let failures = 1; stage.value === "writing" && timer.isUp(); failures += 1) {
      await submit().catch(async (reason: unknown) => {
        if (!failed(reason) && reason instanceof Refusal) await refresh().catch(failed);
      });
      if (stage.value === "writing") await rest(pause(failures));
    }
    expiring.value = false;
  }

  function tick(): void {
    timer.tick(stage.value === "writing");
    if (stage.value === "writing" && timer.isUp() && !expiring.value) void expire();
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
    hand.value = await calls.raiseHand(reason, note);
  }

  async function lowerHand(): Promise<void> {
    await calls.lowerHand();
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
  listenToPage({
    leave: () => sender.leave(),
    online: () => void pulse.beat(),
    offline: () => (online.value = false),
  });

  return {
    ...{ info, paper, book, receipt, stopped, online, expiring, hand, sealed, lost, wrote, stage, saving },
    ...timer.shown,
    messages: mail.messages,
    closeMessage: mail.close,
    report: (kind: string, detail = "") => pulse.report(kind, detail),
    /** Whether this device can keep answers; rejects when it cannot. */
    storage: () => store.device(),
    skew: timer.skew,
    ...{ logIn, enter, start, change, submit, leave, raiseHand, lowerHand, refresh },
  };
}
