import { useCallback, useEffect, useState } from 'react';
import { call, textIn } from '../calls/call.js';
import type { ReplicaAddress } from '../replicas/replica.js';
import type { ShownClaims } from '../session/claims.js';
import type { ProbeAnswer } from './probe-view.js';

const EVERY_MILLISECONDS = 1_000;

/** What one replica answers to the user's credentials. */
export interface Probe {
  readonly token?: ProbeAnswer;
  readonly cookie?: ProbeAnswer;
}

/** The credentials to call the replicas with. */
export interface Credentials {
  readonly token: string;
  readonly claims: Pick<ShownClaims, 'expiresAt'>;
  readonly hasCookie: boolean;
}

/**
 * Calls each replica with the user's token and cookie: when they change, and every second while something is broken.
 *
 * @returns the answers by replica
 */
export function useProbes(
  replicas: readonly ReplicaAddress[],
  credentials: Credentials | undefined,
  isWatching: boolean,
): Readonly<Record<string, Probe>> {
  const token = credentials?.token;
  const expiresAt = credentials?.claims.expiresAt ?? Infinity;
  const hasCookie = credentials?.hasCookie === true;
  const [probes, setProbes] = useState<Readonly<Record<string, Probe>>>({});
  const probeAll = useCallback(
    async (signal: AbortSignal) => {
      if (token === undefined) return;
      await Promise.all(
        replicas.map(async ({ name, url, route }) => {
          if (route === undefined) return;
          const hasExpired = expiresAt <= Date.now();
          const probe = {
            token: { ...(await ask(url + route, { token })), hasExpired },
            ...(hasCookie && { cookie: await ask(url + route, { cookie: true }) }),
          };
          if (!signal.aborted) setProbes((known) => ({ ...known, [name]: probe }));
        }),
      );
    },
    [replicas, token, expiresAt, hasCookie],
  );
  useEffect(() => {
    const ended = new AbortController();
    const probe = () => probeAll(ended.signal).catch(reportError);
    void probe();
    const timer = isWatching ? setInterval(probe, EVERY_MILLISECONDS) : undefined;
    return () => {
      ended.abort();
      clearInterval(timer);
    };
  }, [probeAll, isWatching]);
  return token === undefined ? NONE : probes;
}

const NONE: Readonly<Record<string, Probe>> = {};

async function ask(
  url: string,
  options: { token?: string; cookie?: boolean },
): Promise<ProbeAnswer> {
  const answer = await call(url, options);
  return { status: answer.status, code: textIn(answer, 'code') };
}
