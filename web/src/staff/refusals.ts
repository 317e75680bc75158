import { ElMessage } from "element-plus";
import { Refusal } from "@/api/client";
import { i18n } from "./i18n";

/** What went wrong, as a sentence for the reader. */
export function sentence(reason: unknown): string {
  if (reason instanceof Refusal) {
    const fields = (reason.problem.errors ?? []).map((error) => error.detail);
    return [reason.problem.detail, ...fields].join("\n");
  }
  return i18n.global.t("problem.unreachable");
}

/** Runs it; shows a refusal as a message that stays until closed. Returns undefined then. */
export async function told<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (reason) {
    ElMessage({ type: "error", message: sentence(reason), duration: 0, showClose: true });
    return undefined;
  }
}
