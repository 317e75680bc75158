/** What becomes of the page itself. `leave` may be called more than once for one leaving. */
export interface PageListener {
  leave: () => void;
  online: () => void;
  offline: () => void;
}

export function listenToPage({ leave, online, offline }: PageListener): void {
  addEventListener("online", online);
  addEventListener("offline", offline);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leave();
  });
}
