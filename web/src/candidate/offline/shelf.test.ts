import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { assetsOf, keep, loadAsset, loadDocument, wanted } from "./shelf";

const ORIGIN = "https://exam.test";
const page = (...assets: string[]) => assets.map((name) => `<script src="/assets/${name}"></script>`).join("\n");

/** What is on the network: an address's text, or nothing at all. */
let network = new Map<string, string>();
beforeEach(() => {
  network = new Map([["/assets/a-1.js", "a"]]);
  vi.stubGlobal("fetch", async (asked: Request | string) => {
    const text = network.get(new URL(typeof asked === "string" ? asked : asked.url, ORIGIN).pathname);
    if (text === undefined) throw new TypeError("no network");
    return new Response(text);
  });
});
afterEach(() => void vi.unstubAllGlobals());

/** The Cache of a browser, as far as it is used here. */
function emptyShelf() {
  const kept = new Map<string, Response>();
  const path = (asked: RequestInfo | URL) => new URL(asked instanceof Request ? asked.url : asked, ORIGIN).pathname;
  const shelf = {
    match: async (asked: RequestInfo) => kept.get(path(asked))?.clone(),
    put: async (asked: RequestInfo, answer: Response) => void kept.set(path(asked), answer),
    addAll: async (all: string[]) => {
      const answers = await Promise.all(all.map((one) => fetch(one)));
      all.forEach((one, index) => kept.set(path(one), answers[index]!));
    },
    keys: async () => [...kept.keys()].map((one) => new Request(ORIGIN + one)),
    delete: async (asked: RequestInfo) => kept.delete(path(asked)),
  };
  return { shelf: shelf as unknown as Cache, kept: () => [...kept.keys()].sort() };
}

test.each([
  ["/", "navigate", "document"],
  ["/?room=1&seat=7", "navigate", "document"],
  ["/staff/rooms", "navigate", "other"],
  ["/assets/a-1.js", "cors", "asset"],
  ["/api/v1/exam", "cors", "other"],
  ["/api/v1/exam/paper", "same-origin", "other"],
])("%s (%s) is the worker's as: %s", (path, mode, as) => {
  expect(wanted({ method: "GET", mode, url: ORIGIN + path }, ORIGIN)).toBe(as);
});

test("what is sent, or goes elsewhere, is not the worker's", () => {
  expect(wanted({ method: "POST", mode: "cors", url: `${ORIGIN}/assets/a.js` }, ORIGIN)).toBe("other");
  expect(wanted({ method: "GET", mode: "cors", url: "https://else.test/assets/a.js" }, ORIGIN)).toBe("other");
});

test("a document names each of its assets once", () => {
  expect(assetsOf(page("a-1.js", "b-2.css", "a-1.js"))).toEqual(["/assets/a-1.js", "/assets/b-2.css"]);
});

test("a newer document takes the place of the older one, with its assets", async () => {
  const { shelf, kept } = emptyShelf();
  await keep(new Response(page("a-1.js")), shelf);
  expect(kept()).toEqual(["/", "/assets/a-1.js"]);
  network.set("/assets/a-2.js", "a, changed");
  await keep(new Response(page("a-2.js")), shelf);
  expect(kept()).toEqual(["/", "/assets/a-2.js"]);
});

test("a document whose assets cannot be fetched is not kept: the older one stays whole", async () => {
  const { shelf, kept } = emptyShelf();
  await keep(new Response(page("a-1.js")), shelf);
  await expect(keep(new Response(page("a-2.js")), shelf)).rejects.toThrow("no network");
  expect(kept()).toEqual(["/", "/assets/a-1.js"]);
  expect(await (await shelf.match("/"))?.text()).toContain("a-1.js");
});

test("the document comes from the network, and without one from the shelf", async () => {
  const { shelf } = emptyShelf();
  const fresh: string[] = [];
  const load = () =>
    loadDocument(new Request(`${ORIGIN}/?seat=7`), shelf, (answer) => void answer.text().then((t) => fresh.push(t)));
  network.set("/", page("a-1.js"));
  expect(await (await load()).text()).toBe(page("a-1.js"));
  expect(fresh).toEqual([page("a-1.js")]);
  await keep(new Response(page("a-1.js")), shelf);
  network.clear();
  expect(await (await load()).text()).toBe(page("a-1.js"));
  expect(await (await loadAsset(new Request(`${ORIGIN}/assets/a-1.js`), shelf)).text()).toBe("a");
});
