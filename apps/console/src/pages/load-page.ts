const TRY_AGAIN_MILLISECONDS = 1_000;
/** A page that fails again so soon after a reload is broken, rather than out of reach. */
const LOOP_MILLISECONDS = 10_000;
const RELOADED_AT = 'latchkey-reloaded-at';

/**
 * Loads the code of a page. If that fails because auth, which serves it, is down, or because there is a newer build, this
 * waits until the console can be reached, and loads the document again: the browser would not try the same files twice.
 *
 * @throws what `load` throws if that has not helped
 */
export async function loadPage<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (reloadedLately()) throw error;
    while (!(await isReachable())) await delay(TRY_AGAIN_MILLISECONDS);
    noteReload();
    location.reload();
    return new Promise<Module>(() => undefined); // the document is about to go
  }
}

const delay = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

async function isReachable(): Promise<boolean> {
  try {
    return (await fetch(document.baseURI, { cache: 'no-store', credentials: 'omit' })).ok;
  } catch {
    return false;
  }
}

function reloadedLately(): boolean {
  try {
    return Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < LOOP_MILLISECONDS;
  } catch {
    return true; // without storage, nothing would end a loop
  }
}

function noteReload(): void {
  try {
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
  } catch {
    // `reloadedLately` has found storage a moment ago.
  }
}
