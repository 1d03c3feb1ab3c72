import { call, moment, type CallOptions } from '@latchkey/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from './protected-routes.js';

/** When a service stopped accepting a token or cookie. */
export interface Refusal {
  readonly name: string;
  readonly status: number;
  /** The {@link moment} at which the first refusal had arrived. */
  readonly refusedAt: number;
  /** Milliseconds from sending the last accepted request to `refusedAt`. */
  readonly lateByAtMost: number;
  /** The number of requests that were accepted before. */
  readonly acceptedBefore: number;
}

/** Without a pause, the pollers would slow down the services whose delay they measure. */
const PAUSE_MILLISECONDS = 2;
const GIVE_UP_MILLISECONDS = 30_000;

/** Pollers, one per service. */
export interface RefusalWatch {
  /** Resolves when every service has answered once. */
  readonly started: Promise<unknown>;
  /** Resolves when every service has refused. */
  readonly refused: Promise<Refusal[]>;
}

/** Polls each service with the same credentials until it refuses them. */
export function watchUntilRefused(
  endpoints: readonly Endpoint[],
  credentials: CallOptions,
): RefusalWatch {
  const watches = endpoints.map((endpoint) => {
    let onFirstAnswer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (onFirstAnswer = resolve));
    const refused = watchOne(endpoint, credentials, onFirstAnswer);
    return { refused, started: Promise.race([answered, refused]) };
  });
  const refused = Promise.all(watches.map((watch) => watch.refused));
  refused.catch(() => undefined); // it can reject before it is awaited
  return { started: Promise.all(watches.map(({ started }) => started)), refused };
}

async function watchOne(
  { name, url }: Endpoint,
  credentials: CallOptions,
  onFirstAnswer: () => void,
): Promise<Refusal> {
  const deadline = moment() + GIVE_UP_MILLISECONDS;
  let acceptedAt = moment();
  for (let acceptedBefore = 0; moment() < deadline; acceptedBefore++) {
    const { status, sentAt, answeredAt: refusedAt } = await call(url, credentials);
    if (acceptedBefore === 0) onFirstAnswer();
    if (status !== 200) {
      return { name, status, refusedAt, lateByAtMost: refusedAt - acceptedAt, acceptedBefore };
    }
    acceptedAt = sentAt;
    await delay(PAUSE_MILLISECONDS);
  }
  throw new Error(`${name} did not refuse within ${GIVE_UP_MILLISECONDS / 1000} s`);
}
