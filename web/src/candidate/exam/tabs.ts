/** Milliseconds to wait for a page that is just going, as at a reload. */
const PATIENCE = 1_500;

/**
 * Makes this tab the attempt's only writer on this device. Resolves to whether it is; `lost` is called when another tab
 * takes it over (`steal`). Where the browser has no locks (a page by plain http) the service's stream tells instead, by
 * `stream_replaced`.
 */
export async function becomeWriter(attempt: string, steal: boolean, lost: () => void): Promise<boolean> {
  if (!("locks" in navigator)) return true;
  const options: LockOptions = steal ? { steal } : { signal: AbortSignal.timeout(PATIENCE) };
  return new Promise((resolve) => {
    let held = false;
    navigator.locks
      .request(`kaochang.${attempt}`, options, () => {
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
