import { SNAPSHOT_MEDIA_TYPE, SNAPSHOT_PATH } from '@latchkey/contracts';
import { recordRequestStatements } from '@latchkey/service-kit/suite';
import { createHash } from 'node:crypto';
import {
  basicAuthorization,
  ISSUER,
  type AuthReplica,
  type Sent,
} from '../../test/auth-fixture.js';
import { useAuth } from '../../test/auth-testbed.js';
import {
  assertionOf,
  clientKeyPair,
  withAssertion,
  type AssertionChanges,
} from '../../test/client-assertion-fixture.js';

const SECRET = 'a secret of the verifier';
const secretSha256 = createHash('sha256').update(SECRET).digest('hex');
const [first, second, stranger] = await Promise.all([
  clientKeyPair('ES256'),
  clientKeyPair('EdDSA'),
  clientKeyPair('ES256'),
]);
const keys = [first, second].map(({ publicJwk }) => publicJwk);
const CLIENTS = [{ clientId: 'verifier', jwks: { keys }, secretSha256 }];
const now = () => Math.floor(Date.now() / 1000);

describe('POST /revocations/snapshot', () => {
  const testbed = useAuth({ replicas: 2, env: { OAUTH_CLIENTS: JSON.stringify(CLIENTS) } });
  const [auth, other] = testbed.replicas as [AuthReplica, AuthReplica];

  /** The body is binary, so only whether there is one is returned. */
  async function ask({ form, headers }: Sent, at = auth) {
    const response = await fetch(at.url + SNAPSHOT_PATH, {
      method: 'POST',
      headers: { ...headers },
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    });
    const type = response.headers.get('content-type');
    const text = await response.text();
    const isSnapshot =
      type === SNAPSHOT_MEDIA_TYPE && text.split('\\n', 1)[0]!.split('.').length === 3;
    return { status: response.status, type, text, isSnapshot, headers: response.headers };
  }
  const byKey = async (changes?: AssertionChanges, pair = first): Promise<Sent> => ({
    form: withAssertion(await assertionOf('verifier', pair, changes)),
  });

  it.each([
    ['an assertion', () => byKey()],
    ['an assertion by another of its keys', () => byKey({}, second)],
    [
      'an assertion, with its client_id',
      async () => ({ form: { ...((await byKey()).form as object), client_id: 'verifier' } }),
    ],
    ['a secret in the form', () => ({ form: { client_id: 'verifier', client_secret: SECRET } })],
    [
      'a secret in the header, and an empty form',
      () => ({ form: {}, headers: basicAuthorization('verifier', SECRET) }),
    ],
    [
      'a secret in the header',
      () => ({ form: { client_id: 'verifier' }, headers: basicAuthorization('verifier', SECRET) }),
    ],
  ])('sends the snapshot for %s', async (_, sent) => {
    const answer = await ask(await sent());
    expect(answer).toMatchObject({ status: 200, isSnapshot: true });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('accepts an assertion once, on all replicas and at all endpoints together', async () => {
    const sent = await byKey();
    expect((await ask(sent)).isSnapshot).toBe(true);
    for (const replica of [auth, other])
      expect(await ask(sent, replica)).toMatchObject(refusal(401, 'invalid_client', 'used before'));
    const { form } = await byKey();
    const elsewhere = { form: { ...(form as object), token: 'x' } };
    expect((await auth.post('/oauth/introspect', elsewhere)).status).toBe(200);
    expect(await ask({ form: form! })).toMatchObject(refusal(401, 'invalid_client', 'used before'));
  });

  it.each<[string, () => Sent | Promise<Sent>, number, string, string]>([
    ['nobody', () => ({ form: {} }), 401, 'invalid_client', ''],
    ['nobody, with a form', () => ({ form: { x: 'y' } }), 401, 'invalid_client', ''],
    [
      'a wrong secret',
      () => ({ form: { client_id: 'verifier', client_secret: 'x' } }),
      401,
      'invalid_client',
      '',
    ],
    [
      'the public client',
      () => ({ form: { client_id: 'latchkey-web' } }),
      401,
      'invalid_client',
      '',
    ],
    [
      'a key of nobody',
      () => byKey({}, stranger),
      401,
      'invalid_client',
      'did not sign the assertion',
    ],
    [
      'an expired assertion',
      () => byKey({ claims: { exp: now() - 60 } }),
      401,
      'invalid_client',
      'exp',
    ],
    [
      'an assertion for another audience',
      () => byKey({ claims: { aud: ISSUER + SNAPSHOT_PATH } }),
      401,
      'invalid_client',
      'aud is not this service',
    ],
    [
      'an assertion of another client',
      async () => ({ form: { ...((await byKey()).form as object), client_id: 'other' } }),
      400,
      'invalid_request',
      'client_id differs',
    ],
    [
      'two methods',
      async () => ({ ...(await byKey()), headers: basicAuthorization('verifier', SECRET) }),
      400,
      'invalid_request',
      'one method',
    ],
    [
      'another content type',
      async () => ({ ...(await byKey()), headers: { 'content-type': 'application/json' } }),
      400,
      'invalid_request',
      'x-www-form-urlencoded',
    ],
  ])('sends nothing to %s', async (_, sent, status, error, why) => {
    const answer = await ask(await sent());
    expect(answer).toMatchObject(refusal(status, error, why));
    if (status === 401) expect(answer.headers.get('www-authenticate')).toContain('Basic');
  });

  it('sends nothing to a repeated parameter', async () => {
    const { form } = await byKey();
    const twice = [...Object.entries(form as object), ['client_id', 'a'], ['client_id', 'b']];
    const body = new URLSearchParams(twice as [string, string][]);
    const response = await fetch(auth.url + SNAPSHOT_PATH, { method: 'POST', body });
    expect(response.status).toBe(400);
  });

  it('does not read the database for a forged assertion of a configured client', async () => {
    const forged = await byKey({}, stranger);
    expect(await recordRequestStatements(() => ask(forged))).toEqual([]);
  });

  it('costs two statements to authenticate, and none for a snapshot that is in memory', async () => {
    await ask(await byKey());
    const sent = await byKey();
    expect(await recordRequestStatements(() => ask(sent))).toHaveLength(2);
  });

  const refusal = (status: number, error: string, why: string) => ({
    status,
    isSnapshot: false,
    type: 'application/json; charset=utf-8',
    text: expect.stringMatching(new RegExp(`^{"error":"${error}",.*${why}`)) as string,
  });
});
