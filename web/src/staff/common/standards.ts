import { defineStore } from "pinia";
import { answered, type Schemas } from "@/api/client";
import { api } from "../api";
import { readAll } from "./paging";

/** The standards as loaded. An edition never changes, so each is asked for once. */
export const useStandards = defineStore("standards", () => {
  const asked = new Map<string, Promise<unknown>>();

  function once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    let answer = asked.get(key) as Promise<T> | undefined;
    if (answer === undefined) {
      answer = ask();
      asked.set(key, answer);
      answer.catch(() => asked.delete(key));
    }
    return answer;
  }

  const list = (): Promise<Schemas["StandardRead"][]> =>
    once("", () =>
      readAll((cursor) => answered(api.GET("/api/v1/standards", { params: { query: { cursor, limit: 200 } } }))),
    );
  const detail = (code: string): Promise<Schemas["StandardDetailRead"]> =>
    once(code, () => answered(api.GET("/api/v1/standards/{code}", { params: { path: { code } } })));
  const level = (code: string, number: number): Promise<Schemas["LevelRead"]> =>
    once(`${code}/${number}`, () =>
      answered(api.GET("/api/v1/standards/{code}/levels/{level}", { params: { path: { code, level: number } } })),
    );

  return { list, detail, level };
});
