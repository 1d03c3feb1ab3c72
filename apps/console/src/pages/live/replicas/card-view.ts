import type { LiveStatus, LiveVerifier } from '@latchkey/contracts/live';
import type { ReplicaView } from './replica.js';

/** How much of the tolerated staleness is used up. */
export type StalenessLevel = 'fresh' | 'ageing' | 'stale' | 'unknown';

/** The staleness of a verifier's deny-list, as a bar shows it. */
export interface StalenessView {
  readonly level: StalenessLevel;
  /** From 0 to 100. */
  readonly percent: number;
  /** In seconds; null before the deny-list was filled. */
  readonly seconds: number | null;
  readonly limitSeconds: number;
}

/** Watermarks come every second, so that less than this share of five seconds is as it should be. */
const AGEING_SHARE = 0.4;

/** What a bar shows of the staleness. */
export function stalenessOf(verifier: LiveVerifier): StalenessView {
  const { stalenessMilliseconds: staleness, maxStalenessMilliseconds: limit, fresh } = verifier;
  const limitSeconds = limit / 1_000;
  if (staleness === null) return { level: 'unknown', percent: 100, seconds: null, limitSeconds };
  const share = Math.min(staleness / limit, 1);
  return {
    level: fresh ? (share > AGEING_SHARE ? 'ageing' : 'fresh') : 'stale',
    percent: Math.round(share * 100),
    seconds: staleness / 1_000,
    limitSeconds,
  };
}

/** The requests of a verifier by outcome. */
export interface Outcomes {
  readonly accepted: number;
  readonly rejected: number;
  /** Of `rejected`, those with a token that was revoked. */
  readonly revoked: number;
  /** Tokens that could not be judged (503). */
  readonly unavailable: number;
}

/** Adds up the tokens that a verifier was shown. */
export function outcomesOf({ tokens }: LiveVerifier): Outcomes {
  return {
    accepted: tokens.accepted,
    rejected: sum(tokens.rejected),
    revoked: tokens.rejected['revoked'] ?? 0,
    unavailable: sum(tokens.unavailable),
  };
}

/** The number of entries of a deny-list. */
export const deniedBy = ({ denied }: LiveVerifier): number => sum(denied);

/** The number of responses by the first digit of their status: `{ '2xx': 12 }`. */
export function responsesOf({ responses }: LiveStatus): Readonly<Record<string, number>> {
  const classes: Record<string, number> = {};
  for (const [status, count] of Object.entries(responses)) {
    const name = `${status.charAt(0)}xx`;
    classes[name] = (classes[name] ?? 0) + count;
  }
  return classes;
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** Whether a replica's figures are those of now. Old ones must not look like new ones. */
export const isCurrent = ({ connection, status }: ReplicaView): boolean =>
  connection === 'live' && status !== undefined;
