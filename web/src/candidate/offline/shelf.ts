/** The candidate's page as this device keeps it, for being loaded without a network; never answers of the service. */

const DOCUMENT = "/";
/** Milliseconds after which a document that does not come is taken from the shelf. */
const PATIENCE = 5_000;

export type Wanted = "document" | "asset" | "other";

/** What the worker may answer: the candidate's document, or an asset, whose name changes with its content. */
export function wanted(request: { method: string; mode: string; url: string }, origin: string): Wanted {
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== origin) return "other";
  if (request.mode === "navigate") return address.pathname === DOCUMENT ? "document" : "other";
  return address.pathname.startsWith("/assets/") ? "asset" : "other";
}

/** Addresses of the assets that a document names. */
export function assetsOf(document: string): string[] {
  return [...new Set([...document.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, address]) => address!))];
}

/** Keeps the document with all that it names, and drops what older ones named. */
export async function keep(answer: Response, shelf: Cache): Promise<void> {
  const assets = assetsOf(await answer.clone().text());
  const missing = await Promise.all(assets.map(async (one) => ((await shelf.match(one)) === undefined ? one : null)));
  await shelf.addAll(missing.filter((one) => one !== null));
  await shelf.put(DOCUMENT, answer);
  const current = [DOCUMENT, ...assets];
  const old = (await shelf.keys()).filter(({ url }) => !current.includes(new URL(url).pathname));
  await Promise.all(old.map((one) => shelf.delete(one)));
}

/** From the network, which is `fresh`; from the shelf where that cannot be reached or has nothing. */
export async function loadDocument(
  request: Request,
  shelf: Cache,
  fresh: (answer: Response) => void,
): Promise<Response> {
  const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (answer?.ok) {
    fresh(answer.clone());
    return answer;
  }
  return (await shelf.match(DOCUMENT)) ?? answer ?? Response.error();
}

export async function loadAsset(request: Request, shelf: Cache): Promise<Response> {
  return (await shelf.match(request)) ?? fetch(request);
}
