import type { LiveVerifier } from '@latchkey/contracts/live';

/** A replica's response to a call with the user's token or cookie. */
export interface ProbeAnswer {
  /** 0 if nothing answered. */
  readonly status: number;
  /** The `code` of the problem document. */
  readonly code: string | undefined;
  /** Whether the token had expired when it was sent. */
  readonly hasExpired?: boolean;
}

/** What a response means for somebody who watches. */
export type ProbeMeaning =
  | 'accepted'
  /** The deny-list is stale, and the replica goes on accepting. */
  | 'accepted_stale'
  /** The deny-list is stale, and auth was asked. */
  | 'accepted_asked'
  | 'rejected'
  /** Rejected because the token has expired. Its session may live. */
  | 'expired'
  /** The deny-list is stale, and the replica refuses to judge. */
  | 'refused_stale'
  /** The deny-list is stale, and auth could not be asked. */
  | 'refused_unasked'
  /** Something else that the replica needs is down. */
  | 'unavailable'
  | 'no_answer';

const STALE_CODES: Readonly<Record<string, ProbeMeaning>> = {
  revocations_stale: 'refused_stale',
  introspection_unavailable: 'refused_unasked',
};

/**
 * Interprets a response. A replica does not say whether it asked auth, but its policy and its staleness do.
 *
 * @param verifier the replica's state when it answered; undefined if it is not known
 */
export function meaningOf(
  { status, code, hasExpired }: ProbeAnswer,
  verifier: Pick<LiveVerifier, 'fresh' | 'whenStale'> | undefined,
): ProbeMeaning {
  if (status === 0) return 'no_answer';
  if (status === 401) return hasExpired ? 'expired' : 'rejected';
  if (status >= 400) return STALE_CODES[code ?? ''] ?? 'unavailable';
  if (verifier?.fresh !== false) return 'accepted';
  return verifier.whenStale === 'ask' ? 'accepted_asked' : 'accepted_stale';
}

/** How a meaning is coloured. */
export type Tone = 'good' | 'bad' | 'caution' | 'unknown';

/** The tone of each meaning. Rejecting is what a service should do, but its user is out: it is `bad` for the token. */
export const TONES: Readonly<Record<ProbeMeaning, Tone>> = {
  accepted: 'good',
  accepted_stale: 'caution',
  accepted_asked: 'good',
  rejected: 'bad',
  expired: 'caution',
  refused_stale: 'caution',
  refused_unasked: 'caution',
  unavailable: 'caution',
  no_answer: 'unknown',
};
