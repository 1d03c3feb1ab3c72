import { knowsLogOut } from './revoke-rounds.js';
import type { RevokeFindings } from './revoke-table.js';

/** What should not have been: whoever knows of log-outs refuses each client, and nobody answers anything else. */
export function verdictOf({
  architectures,
  unexpected,
  watchedMilliseconds,
}: Pick<RevokeFindings, 'architectures' | 'unexpected' | 'watchedMilliseconds'>): string[] {
  const late = architectures
    .filter(({ id }) => knowsLogOut(id))
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
