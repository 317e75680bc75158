import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Schemas["ProblemRead"];

/** A refusal of the service as it answered it (RFC 9457); `code` never changes, `detail` is in the reader's language. */
export class Refusal extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfter: number | null,
  ) {
    super(problem.detail);
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** No answer came: network lost, server away, or an answer that is not the service's own. */
export class Unreachable extends Error {}

export interface Caller {
  /** The bearer token to send, or null. */
  token: () => string | null;
  /** For Accept-Language: `zh-CN` or `en`. */
  language: () => string;
}

/** A typed client of the service at the page's own origin. */
export function createApi(caller: Caller) {
  const api = createClient<paths>({ baseUrl: "" });
  const middleware: Middleware = {
    onRequest({ request }) {
      const token = caller.token();
      if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
      request.headers.set("Accept-Language", caller.language());
      return request;
    },
  };
  api.use(middleware);
  return api;
}

export type Api = ReturnType<typeof createApi>;

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's body. Throws `Refusal` or `Unreachable`. */
export async function answered<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((reason: unknown) => {
    throw new Unreachable(String(reason));
  });
  if (response.ok) return data as T;
  if (!isProblem(error)) throw new Unreachable(`HTTP ${response.status}`);
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  throw new Refusal(error, Number.isNaN(seconds) ? null : seconds);
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error && "detail" in error;
}
