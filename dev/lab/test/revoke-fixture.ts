import { architectureOf, type ArchitectureId } from '../src/architectures/architecture.js';
import type { Distribution } from '../src/report-schema.js';
import type {
  RevokedArchitecture,
  RevokePoint,
  RevokeReport,
} from '../src/revoke/revoke-report.js';

const CLIENTS = [1, 10, 100];
const ROUNDS = 20;

const spreadOf = (p50: number, samples: number): Distribution => ({
  p50,
  p99: p50 * 2.1,
  max: p50 * 2.6,
  samples,
});
const NOTHING: Distribution = { p50: 0, p99: 0, max: 0, samples: ROUNDS };

/** @param base milliseconds until a single client is refused; undefined for an architecture without log-out */
export function revoked(id: ArchitectureId, base: number | undefined): RevokedArchitecture {
  const label = id === 'jwt' ? 'JWT, Latchkey' : architectureOf(id).label;
  if (base === undefined)
    return { id, label, points: CLIENTS.map((clients) => neverRefusing(clients)) };
  const points = CLIENTS.map((clients): RevokePoint => {
    const sent = base + clients * 0.31;
    const logOut = base * 0.9 + clients * 0.2;
    const late = sent * 2.6 - logOut;
    return {
      clients,
      rounds: ROUNDS,
      sinceSent: spreadOf(sent, clients * ROUNDS),
      sinceAnswered: {
        p50: sent - logOut - 2,
        p99: late * 0.7,
        max: late,
        samples: clients * ROUNDS,
      },
      exposure: id === 'jwt' ? { p50: 0, p99: 3.1, max: 4.4, samples: ROUNDS } : NOTHING,
      logOut: spreadOf(logOut, ROUNDS),
      neverRefused: 0,
    };
  });
  return { id, label, points };
}

const neverRefusing = (clients: number): RevokePoint => ({
  clients,
  rounds: ROUNDS,
  sinceSent: undefined,
  sinceAnswered: undefined,
  exposure: { p50: 9_990, p99: 9_998, max: 9_999, samples: ROUNDS },
  logOut: spreadOf(11, ROUNDS),
  neverRefused: clients * ROUNDS,
});

/** A plausible run on a machine with two cores. */
export const REVOKE_FIXTURE: RevokeReport = {
  replicas: 4,
  watchedMilliseconds: 10_000,
  callsPerSecond: 100,
  notAcknowledged: 0,
  unexpected: {},
  architectures: [
    revoked('jwt', 13.2),
    revoked('passport-jwt', undefined),
    revoked('session-redis', 4.1),
    revoked('session-postgres', 6.7),
    revoked('introspection', 14.8),
  ],
};
