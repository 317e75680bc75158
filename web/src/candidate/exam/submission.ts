import { Refusal, type Schemas, Unreachable } from "@/api/client";
import { answerLines, sha256 } from "./answers";
import type { Book } from "./book";
import { getResponses, submit } from "./calls";
import type { Sender } from "./sender";

export type Receipt = Schemas["ReceiptRead"];

/** Rounds of sending what the service says it lacks. */
const ROUNDS = 4;

/**
 * Sends everything, then hands in. Throws Unreachable while answers cannot be sent, and the refusals of
 * POST /exam/submit.
 */
export async function handIn(book: Book, sender: Sender): Promise<Receipt> {
  for (let round = 1; ; round += 1) {
    await book.written();
    if (!(await sender.flush())) throw new Unreachable("answers are waiting");
    const { last, sequences } = book.claims();
    const digest = await sha256(answerLines(book.shown));
    try {
      return await submit({ last_sequence: last, digest, sequences });
    } catch (reason) {
      if (!(reason instanceof Refusal) || reason.code !== "responses_missing" || round === ROUNDS) throw reason;
      const missing = (reason.problem as { missing?: number[] }).missing ?? [];
      if (missing.length > 0) book.lack(missing);
      else await book.load(await getResponses());
    }
  }
}
