import { jest } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import type { SharedToken } from '../src/access-token.js';
import { createSession } from '../src/index.js';
import type { Session } from '../src/session.js';
import type { TabMessage } from '../src/tabs.js';

export const ORIGIN = 'https://page.test';
const LIFETIME_SECONDS = 300;

/** A request that waits for its answer. */
export interface WaitingRequest {
  readonly path: string;
  readonly authorization: string | null;
  answer(status: number, body?: object, headers?: Record<string, string>): void;
}

/** Reaches all other open channels. */
class Channel {
  static readonly #open = new Set<Channel>();
  onmessage?: (event: { readonly data: TabMessage }) => void;

  constructor() {
    Channel.#open.add(this);
  }

  postMessage(data: TabMessage): void {
    for (const each of Channel.#open) if (each !== this) each.onmessage?.({ data });
  }

  close(): void {
    Channel.#open.delete(this);
  }
}

/** The page of a session, whose clock stands still and whose requests wait until a test answers them. */
export class PageFixture {
  readonly #requests: WaitingRequest[] = [];
  readonly #otherTab = new Channel();
  readonly session: Session;

  constructor() {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    jest.spyOn(AbortSignal, 'timeout').mockImplementation(timeout);
    Object.assign(globalThis, {
      location: new URL('/', ORIGIN),
      document: Object.assign(new EventTarget(), { hidden: false }),
      addEventListener: () => undefined,
      BroadcastChannel: Channel,
      fetch: (input: Request | URL, init?: RequestInit) => this.#send(new Request(input, init)),
    });
    this.session = createSession({ authUrl: '/' });
  }

  close(): void {
    this.session.close();
    this.#otherTab.close();
    jest.restoreAllMocks();
    jest.useRealTimers();
  }

  /** The requests that were sent since the last call, as soon as nothing else happens. */
  async requests(): Promise<WaitingRequest[]> {
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    return this.#requests.splice(0);
  }

  /** The only request since the last call, which must be for this path. */
  async request(path: string): Promise<WaitingRequest> {
    const requests = await this.requests();
    expect(requests.map((each) => each.path)).toEqual([path]);
    return requests[0]!;
  }

  async pass(milliseconds: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(milliseconds);
  }

  /** Another tab tells this one. */
  tell(message: TabMessage): void {
    this.#otherTab.postMessage(message);
  }

  #send(request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      const { signal, headers, url } = request;
      const abort = () => reject(signal.reason as Error);
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
      this.#requests.push({
        path: new URL(url).pathname,
        authorization: headers.get('authorization'),
        answer: (status, body, extra) =>
          resolve(new Response(body && JSON.stringify(body), { status, headers: extra ?? {} })),
      });
    });
  }
}

/** Follows the clock of the test, as the real one follows that of the browser. */
function timeout(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException('too slow', 'TimeoutError'));
  setTimeout(abort, milliseconds);
  return controller.signal;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An access token of a user, whose session has the same name. */
export const accessToken = (user: string, nonce = ''): string =>
  `${encode({})}.${encode({ sub: user, sid: `session of ${user}`, nonce })}.signature`;

/** The body of a token response (RFC 6749 §5.1). */
export const tokenResponse = (user: string, nonce = '') => ({
  access_token: accessToken(user, nonce),
  expires_in: LIFETIME_SECONDS,
});

export const sharedToken = (user: string, nonce: string): SharedToken => ({
  value: accessToken(user, nonce),
  lifetime: LIFETIME_SECONDS * 1000,
  since: Date.now(),
});
