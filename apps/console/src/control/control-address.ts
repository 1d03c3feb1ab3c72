/** Where the control server of `npm start` listens, and the secret that it wants. */
export interface ControlAddress {
  /** Without a slash at the end. */
  readonly url: string;
  readonly key: string;
}

const STORED_AS = 'latchkey-control';
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;
/** A Content-Security-Policy has no form of `[::1]`. */
const REACHABLE = /^(?:localhost|127\.0\.0\.1)$/;

/** The control server that the hash of a URL names. */
export interface ControlInHash {
  readonly address: ControlAddress | undefined;
  /** There is an address, but not one that this page may use, or it has no key. */
  readonly isRefused: boolean;
  /** Without the address. */
  readonly hash: string;
}

/**
 * Reads the address of the control server out of a hash such as `#/live?control=http://127.0.0.1:4050&key=…`.
 *
 * @param page the host name of the page. Only a page on this machine may have a control server, and only one on this
 *   machine: a link to a page in production must not make it talk to a server of the link's author.
 */
export function controlIn(hash: string, page: string): ControlInHash {
  const [path = '', query] = hash.split('?', 2);
  const parameters = new URLSearchParams(query);
  const [url, key] = [parameters.get('control'), parameters.get('key')];
  parameters.delete('control');
  parameters.delete('key');
  const rest = parameters.size === 0 ? path : `${path}?${parameters}`;
  const origin = LOOPBACK.test(page) ? controlOrigin(url) : undefined;
  const address = origin !== undefined && key ? { url: origin, key } : undefined;
  return { address, isRefused: url !== null && !address, hash: rest };
}

function controlOrigin(url: string | null): string | undefined {
  if (url === null || !URL.canParse(url)) return undefined;
  const { protocol, hostname, origin } = new URL(url);
  return protocol === 'http:' && REACHABLE.test(hostname) ? origin : undefined;
}

/**
 * Takes the address out of the address bar, before anything else can read it there, and keeps it for this tab: the page
 * can be loaded again, and the secret is in no bookmark. Browsers still list the address that was opened among the
 * visited pages; its secret is worthless when `npm start` has ended. Call it before the router listens to the hash.
 */
export function followControlAddress(): void {
  takeControlAddress();
  // An address that is pasted into a tab of the console changes the hash only. The page begins again with the new one.
  addEventListener('hashchange', () => {
    if (takeControlAddress()) location.reload();
  });
}

/** @returns whether there was one */
function takeControlAddress(): boolean {
  const { address, isRefused, hash } = controlIn(location.hash, location.hostname);
  if (address) store(address);
  if (isRefused) noteRefusal();
  if (hash !== location.hash)
    history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  return address !== undefined;
}

let wasRefused = false;
const listeners = new Set<() => void>();

function noteRefusal(): void {
  wasRefused = true;
  for (const listener of listeners) listener();
}

/** Whether this page was given an address that it may not use. For `useSyncExternalStore`. */
export const controlRefusal = {
  read: (): boolean => wasRefused,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

let current: ControlAddress | undefined;

function store(address: ControlAddress): void {
  current = address;
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify(address));
  } catch {
    // A browser that blocks storage keeps it in memory, until the page is loaded again.
  }
}

/** The address that this tab was opened with; undefined without a control server. */
export function controlAddress(): ControlAddress | undefined {
  return (current ??= stored());
}

function stored(): ControlAddress | undefined {
  try {
    const text = sessionStorage.getItem(STORED_AS);
    return text === null ? undefined : (JSON.parse(text) as ControlAddress);
  } catch {
    return undefined;
  }
}
