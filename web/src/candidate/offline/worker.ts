/** The service worker, built as /sw.js (Service Workers, W3C): a candidate's page can be loaded anew without a network. */
import { keep, loadAsset, loadDocument, wanted } from "./shelf";

/** The events of a worker, which the types of a page lack. */
interface WorkerEvent extends Event {
  waitUntil: (work: Promise<unknown>) => void;
  readonly request: Request;
  respondWith: (answer: Promise<Response>) => void;
}

const open = () => caches.open("kaochang.candidate");

function documentFor(event: WorkerEvent, shelf: Cache): Promise<Response> {
  return loadDocument(event.request, shelf, (answer) => event.waitUntil(keep(answer, shelf)));
}

addEventListener("install", (event) => {
  const kept = async () => keep(await fetch("/"), await open());
  (event as WorkerEvent).waitUntil(kept());
});

addEventListener("fetch", (event) => {
  const asked = event as WorkerEvent;
  const what = wanted(asked.request, location.origin);
  if (what === "asset") asked.respondWith(open().then((shelf) => loadAsset(asked.request, shelf)));
  if (what === "document") asked.respondWith(open().then((shelf) => documentFor(asked, shelf)));
});
