import { inject, type InjectionKey } from "vue";
import type { Exam } from "./exam/exam";

export const EXAM: InjectionKey<Exam> = Symbol("exam");

export function useExam(): Exam {
  return inject(EXAM) as Exam;
}
