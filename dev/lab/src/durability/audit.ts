import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed, eventVerifier } from '@latchkey/deny-list-nats';
import { waitFor, type LatchkeyStack } from '@latchkey/local-stack';
import { createVerifier } from '@latchkey/verifier';
import { Client } from 'pg';
import type { LoggedOut } from './log-out-client.js';

const AUDIENCE = 'orders';
const RECOVERY_MILLISECONDS = 60_000;

export interface Audit {
  /** Logged-out sessions whose revocation is not in Postgres. */
  readonly missingInTheRecord: readonly string[];
  /** Logged-out sessions whose tokens a newly started verifier does not refuse. */
  readonly notRefused: readonly string[];
  /** Live sessions whose tokens it refuses: a verifier that refuses everything must not pass. */
  readonly wronglyRefused: readonly string[];
}

type Session = Pick<LoggedOut, 'token' | 'sessionId'>;

/** Looks for every answered log-out in the record and in a new verifier, once everything runs again. */
export async function audit(
  stack: LatchkeyStack,
  answered: readonly Session[],
  alive: readonly Session[],
): Promise<Audit> {
  await untilPublished(stack);
  const recorded = await sessionsInTheRecord(stack);
  const refused = await sessionsRefused(stack, [...answered, ...alive]);
  const names = (sessions: readonly Session[]) => sessions.map(({ sessionId }) => sessionId);
  return {
    missingInTheRecord: names(answered).filter((sessionId) => !recorded.has(sessionId)),
    notRefused: names(answered).filter((sessionId) => !refused.has(sessionId)),
    wronglyRefused: names(alive).filter((sessionId) => refused.has(sessionId)),
  };
}

/** Waits until the relay has published the whole record. */
async function untilPublished({ issuer }: LatchkeyStack): Promise<void> {
  await waitFor(
    async () => {
      const response = await fetch(`${issuer}/metrics`);
      const metrics = await response.text();
      return (
        /^latchkey_relay_backlog 0$/m.test(metrics) && /^latchkey_relay_connected 1$/m.test(metrics)
      );
    },
    { timeoutMs: RECOVERY_MILLISECONDS, what: 'the relay to publish its backlog' },
  );
}

async function sessionsInTheRecord({ postgres }: LatchkeyStack): Promise<Set<string>> {
  const client = new Client({ connectionString: postgres.url('auth') });
  await client.connect();
  try {
    const { rows } = await client.query<{ session_id: string }>(
      'SELECT session_id FROM revocations WHERE session_id IS NOT NULL',
    );
    return new Set(rows.map(({ session_id: sessionId }) => sessionId));
  } finally {
    await client.end();
  }
}

/** The sessions that a verifier refuses which has only read the stream. */
async function sessionsRefused(
  stack: LatchkeyStack,
  sessions: readonly Session[],
): Promise<Set<string>> {
  const denyList = new DenyList();
  const verifier = createVerifier({
    issuer: stack.issuer,
    audience: AUDIENCE,
    revocations: denyList,
    whenStale: 'refuse',
  });
  const { servers, user, pass: password } = stack.natsCredentials(AUDIENCE);
  const feed = createRevocationFeed({
    servers: servers.join(','),
    user,
    password,
    denyList,
    verifyEvent: eventVerifier(verifier),
  });
  try {
    await Promise.all([verifier.loadKeys(), feed.start()]);
    const refused = new Set<string>();
    for (const { token, sessionId } of sessions) {
      const code = await verifier.verify(token).then(
        () => 'accepted',
        (error: { code?: string }) => error.code,
      );
      if (code === 'revoked') refused.add(sessionId);
      else if (code !== 'accepted')
        throw new Error(`a token was neither accepted nor revoked: ${code ?? '?'}`);
    }
    return refused;
  } finally {
    verifier.close();
    await feed.close();
  }
}
