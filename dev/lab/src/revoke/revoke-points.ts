import { distributionOf } from '../distribution.js';
import type { Distribution } from '../report-schema.js';
import { exposureOf, firstRefusals, type ObservedLogOut } from './calls.js';
import type { RevokePoint } from './revoke-report.js';

/**
 * Summarizes the log-outs with one number of clients.
 *
 * @throws RangeError without a round
 */
export function revokePoint(rounds: readonly ObservedLogOut[]): RevokePoint {
  const clients = rounds[0]?.clients;
  if (clients === undefined) throw new RangeError('there is no round');
  const refusals = rounds.map((round) => ({ ...round, moments: firstRefusals(round) }));
  const seen = refusals.reduce((sum, { moments }) => sum + moments.length, 0);
  return {
    clients,
    rounds: rounds.length,
    sinceSent: ifAny(refusals.flatMap(({ sentAt, moments }) => moments.map((at) => at - sentAt))),
    sinceAnswered: ifAny(
      refusals.flatMap(({ answeredAt, moments }) => moments.map((at) => at - answeredAt)),
    ),
    exposure: distributionOf(rounds.map(exposureOf)),
    logOut: distributionOf(rounds.map(({ sentAt, answeredAt }) => answeredAt - sentAt)),
    neverRefused: clients * rounds.length - seen,
  };
}

const ifAny = (samples: readonly number[]): Distribution | undefined =>
  samples.length === 0 ? undefined : distributionOf(samples);
