import { supportsLogOut } from './revoke-rounds.js';
import type { RevokeReport } from './revoke-report.js';

/** Finds clients that were not refused by an architecture with log-out, and unexpected responses. */
export function complaintsOf({
  architectures,
  unexpected,
  watchedMilliseconds,
}: Pick<RevokeReport, 'architectures' | 'unexpected' | 'watchedMilliseconds'>): string[] {
  const late = architectures
    .filter(({ id }) => supportsLogOut(id))
    .flatMap(({ label, points }) =>
      points
        .filter(({ neverRefused }) => neverRefused > 0)
        .map(
          ({ clients, rounds, neverRefused }) =>
            `${label}: ${neverRefused} of ${clients * rounds} clients (${clients} at a time) saw no refusal within ${watchedMilliseconds / 1000} s of the log-out's answer`,
        ),
    );
  const odd = Object.entries(unexpected).flatMap(([id, counted]) =>
    Object.entries(counted).map(
      ([what, count]) => `${id}: ${count} calls were neither accepted nor refused, but: ${what}`,
    ),
  );
  return [...late, ...odd];
}
