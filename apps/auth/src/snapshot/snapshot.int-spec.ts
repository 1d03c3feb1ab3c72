import { DenyList } from '@latchkey/deny-list';
import {
  createRevocationFeed,
  eventVerifier,
  snapshotVerifier,
  type FeedEvent,
} from '@latchkey/deny-list-nats';
import { waitFor } from '@latchkey/testing';
import { createVerifier } from '@latchkey/verifier';
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { basicAuthorization, CLIENT, ISSUER } from '../../test/auth-fixture.js';
import { useAuth } from '../../test/auth-testbed.js';

const ROWS = 20_000;
const KINDS = ['session', 'token', 'subject', 'client'];
/** Few keys, because every watermark names all of them. */
const KEYS = 5;
const BASIC = basicAuthorization(CLIENT.id, CLIENT.secret);
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const CLIENTS = [
  { clientId: CLIENT.id, secretSha256: createHash('sha256').update(CLIENT.secret).digest('hex') },
  { clientId: 'verifier', jwks: { keys: [publicKey.export({ format: 'jwk' })] } },
];

describe('GET /revocations/snapshot', () => {
  const testbed = useAuth({ env: { OAUTH_CLIENTS: JSON.stringify(CLIENTS) } });
  const { auth, sql } = testbed;

  const get = (headers: Record<string, string>) =>
    fetch(`${auth.url}/revocations/snapshot`, { headers });

  /** Inserts rows of all kinds that are marked as published, although the stream has none of them. */
  const insert = () =>
    sql(
      `WITH numbers AS (UPDATE revocation_stream SET next_serial = next_serial + $1
                        RETURNING next_serial - $1 AS first)
       INSERT INTO revocations (id, kind, trigger, session_id, token_id, subject, client_id, key_id,
                                issued_before, revoked_at, expires_at, published_at,
                                stream_sequence, signed_by, serial)
       SELECT gen_random_uuid(), CASE WHEN n < $3 THEN 'key' ELSE ($2::text[])[1 + n % 4] END,
              'logout', 'n-' || n, 'n-' || n, 'n-' || n, 'n-' || n, 'n-' || n, 100, clock.now, clock.now + 300,
              clock_timestamp(), stored.sequence, 'k', numbers.first + n
       FROM numbers, generate_series(0, $1 - 1) AS n,
            (SELECT extract(epoch FROM clock_timestamp())::bigint AS now) AS clock,
            (SELECT min(stream_sequence) AS sequence FROM revocations) AS stored`,
      [ROWS, KINDS, KEYS],
    );

  it('requires client authentication', async () => {
    for (const headers of [
      {},
      basicAuthorization(CLIENT.id, 'wrong'),
      { authorization: 'Bearer x' },
    ])
      expect((await get(headers)).status).toBe(401);
  });

  it('returns a signed line, digests and chunks, and forbids caching', async () => {
    const answer = await get(BASIC);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [head] = Buffer.from(await answer.arrayBuffer())
      .toString('latin1')
      .split('\n');
    expect(head?.split('.')).toHaveLength(3);
  });

  it('completes the deny-list of a verifier whose stream lacks everything', async () => {
    // Keep the first and last message on the stream, or the relay would refill it.
    for (let logOuts = 0; logOuts < 2; logOuts++) {
      const { access_token: early } = await auth.logIn(await auth.register());
      expect((await auth.post('/logout', { token: early })).status).toBe(204);
    }
    await insert();
    const denyList = new DenyList();
    const jwksUri = `${auth.url}/.well-known/jwks.json`;
    const verifier = createVerifier({
      issuers: [{ issuer: ISSUER, audience: 'orders', jwksUri }],
      revocations: denyList,
      whenStale: 'refuse',
    });
    const events: FeedEvent[] = [];
    const { servers, user, pass } = testbed.nats.credentials('orders');
    const feed = createRevocationFeed({
      servers,
      user,
      password: pass,
      denyList,
      verifyEvent: eventVerifier(verifier),
      verifySnapshot: snapshotVerifier(verifier),
      snapshot: {
        url: `${auth.url}/revocations/snapshot`,
        clientId: 'verifier',
        authentication: { privateKey },
        issuer: ISSUER,
      },
      onEvent: (event) => events.push(event),
    });
    const token = { issuer: ISSUER, subject: 'a', issuedAt: 99, keyId: 'k' };
    const denied = (sessionId: string) => denyList.isRevoked({ ...token, sessionId });
    const places = ['sessionId', 'tokenId', 'subject', 'clientId', 'keyId'] as const;
    const placeOf = (n: number) => places[n < KEYS ? 4 : n % 4];
    /** The claims in which the name of this row denies a token. */
    const deniedBy = (n: number) =>
      places.filter((place) => denyList.isRevoked({ ...token, [place]: `n-${n}` }));
    try {
      await feed.start();
      // The last watermark and the first snapshot may predate these rows.
      const repaired = () =>
        events.some(({ type }) => type === 'snapshot') && deniedBy(ROWS - 1).length > 0;
      await waitFor(repaired, { timeoutMs: 20_000, what: 'a snapshot' });
      for (let n = 0; n < ROWS; n++) expect(deniedBy(n)).toEqual([placeOf(n)]);
      expect([deniedBy(ROWS), denied(randomUUID())]).toEqual([[], false]);

      const { access_token: second, sid } = await auth.logIn(await auth.register());
      expect(denied(sid)).toBe(false);
      expect((await auth.post('/logout', { token: second })).status).toBe(204);
      await waitFor(() => denied(sid), { what: 'the newer one denied' });
      await waitFor(() => denyList.stalenessSeconds(ISSUER) < 2, {
        what: 'fresh',
      });
    } finally {
      await feed.close();
      verifier.close();
    }
  });

  it('logs the id of a row that no snapshot can hold', async () => {
    const [row] = await sql<{ id: string }>(
      `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at, published_at,
                                stream_sequence)
       VALUES (gen_random_uuid(), 'session', 'logout', '', 1, 4000000000, clock_timestamp(), 1)
       RETURNING id`,
    );
    const logged = async () => {
      expect((await get(BASIC)).status).toBe(200);
      return auth.log.text.includes(row!.id);
    };
    await waitFor(logged, { what: 'the row in the log' });
  });
});
