/** Asks for full screen; to be called while the candidate presses something. A device without it goes on as it is. */
export async function enterFullScreen(): Promise<void> {
  if (!document.fullscreenEnabled || document.fullscreenElement !== null) return;
  await document.documentElement.requestFullscreen({ navigationUI: "hide" }).catch(() => undefined);
}

export async function leaveFullScreen(): Promise<void> {
  if (document.fullscreenElement !== null) await document.exitFullscreen().catch(() => undefined);
}
