/** Milliseconds to wait for a page that is just going, as at a reload. */
const PATIENCE = 1_500;

/**
 * Makes this tab the attempt's only writer on this device. Resolves to whether it is; `lost` is called when another tab
 * takes over. With `steal` it takes over from another one; so does every tab where the browser has no locks (a page by
 * plain http).
 */
export async function becomeWriter(attempt: string, steal: boolean, lost: () => void): Promise<boolean> {
  const name = `kaochang.${attempt}`;
  if (!("locks" in navigator)) return takeOver(name, lost);
  const options: LockOptions = steal ? { steal } : { signal: AbortSignal.timeout(PATIENCE) };
  return new Promise((resolve) => {
    let held = false;
    navigator.locks
      .request(name, options, () => {
        held = true;
        resolve(true);
        return new Promise<never>(() => undefined);
      })
      .catch(() => {
        if (held) lost();
        else resolve(false);
      });
  });
}

/** The newest tab is the writer: it tells the others. */
function takeOver(name: string, lost: () => void): true {
  const channel = new BroadcastChannel(name);
  channel.postMessage("taken over");
  channel.onmessage = () => {
    channel.close();
    lost();
  };
  return true;
}
