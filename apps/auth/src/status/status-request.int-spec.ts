import { randomUUID } from 'node:crypto';
import { planOf } from '@latchkey/testing';
import { useAuth } from '../../test/auth-testbed.js';
import { askStatus, idsOf, statusOf } from '../../test/status-fixture.js';
import { STATUS } from './status-query.js';

const JWT = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln';
const jti = randomUUID();
const sid = randomUUID();
const sub = randomUUID();
const iat = Math.floor(Date.now() / 1000);
const MEMBERS = /no members but jti, sid, sub, client_id, iat and kid: never send a token/;

describe('a request for the status of a token', () => {
  const { auth, sql } = useAuth();

  it.each<[string, unknown, RegExp]>([
    ['an unknown member', { jti, iat, token: JWT }, MEMBERS],
    ['an unknown member that is a token', { jti, iat, [JWT]: 1 }, MEMBERS],
    ['a member of the prototype', { jti, iat, toString: JWT }, MEMBERS],
    ['an unknown member next to an invalid one', { jti: JWT, iat, access_token: JWT }, MEMBERS],
    ['a token as jti', { jti: JWT, iat }, /jti/],
    ['a token as sid', { sid: JWT, sub, iat }, /sid/],
    ['a token as sub', { sid, sub: JWT.padEnd(70, 'x'), iat }, /sub/],
    ['a token as client_id', { jti, client_id: JWT.padEnd(70, 'x'), iat }, /client_id/],
    ['a token as kid', { jti, iat, kid: JWT }, /kid/],
    ['a short token as sub', { sid, sub: JWT, iat }, /sub/],
    ['a token alone', JWT, /body/],
    ['a list', [{ jti, iat }], /body/],
    ['null', null, /body/],
    ['no iat', { jti }, /iat/],
    ['iat as text', { jti, iat: '1' }, /iat/],
    ['a negative iat', { jti, iat: -1 }, /iat/],
    ['a fraction as iat', { jti, iat: 1.5 }, /iat/],
    ['an iat beyond 2^53', { jti, iat: 1e300 }, /iat/],
    ['no id', { iat }, /must have a jti or a sid/],
    ['names alone', { sub, client_id: 'orders', iat }, /must have a jti or a sid/],
    ['a sid without sub', { sid, iat }, /sub: is needed next to a sid/],
    ['an empty jti', { jti: '', iat }, /jti/],
    ['a blank kid', { jti, iat, kid: ' ' }, /kid/],
    ['null as sid', { jti, sid: null, iat }, /sid/],
    ['NUL in a name', { sid, sub: 'a\0', iat }, /sub/],
  ])('is refused without being quoted: %s', async (_, body, detail) => {
    const answer = await askStatus(auth, body);
    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 400,
      code: 'invalid_input',
    });
    expect(answer.body['detail']).toMatch(detail);
    expect(answer.text).not.toContain('eyJ');
    expect(auth.log.text).not.toContain('eyJ');
  });

  it.each<[string, string, string, number]>([
    ['a bare token as JSON', 'application/json', JWT, 400],
    ['a bare token as text', 'text/plain', JWT, 415],
    ['a form', 'application/x-www-form-urlencoded', `token=${JWT}`, 415],
    ['nothing', 'application/json', '', 400],
    ['too much', 'application/json', `{"jti":"${'x'.repeat(20_000)}"}`, 413],
  ])('is refused without being quoted: %s', async (_, type, body, status) => {
    const response = await fetch(`${auth.url}/revocations/status`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('eyJ');
    expect(auth.log.text).not.toContain('eyJ');
  });

  it('may have any of the ids, and no more is answered than the same text for each', async () => {
    const { access_token: token } = await auth.logIn(await auth.register());
    const all = idsOf(token);
    const subsets = [
      { jti: all.jti, iat },
      { sid: all.sid, sub: all.sub, iat },
      { jti: all.jti, sid: all.sid, sub: all.sub, client_id: all.client_id, iat },
    ];
    const answers = await Promise.all(subsets.map((ids) => statusOf(auth, ids as object)));
    expect(answers.map(({ revoked }) => revoked)).toEqual([null, false, false]);
  });

  it('reads no table as a whole', async () => {
    await sql(`INSERT INTO revocations (id, kind, trigger, session_id, subject, token_id, client_id, key_id,
                                        issued_before, revoked_at, expires_at, serial, published_at, stream_sequence)
               SELECT gen_random_uuid(), kind, 'test', n::text, n::text, n::text, n::text, n::text, 1, 1,
                      extract(epoch FROM now())::bigint + 3600, NULL, now(), 1000000 + n
               FROM generate_series(1, 4000) AS n, unnest('{session,token,subject,client,key}'::text[]) AS kind`);
    await sql('ANALYZE revocations');
    const values = [jti, sid, sub, 'orders', iat, 'key'];
    const plan = await planOf((query, given) => sql(query, given), STATUS, values);
    expect([...new Set(plan.indexes)]).toEqual(
      expect.arrayContaining([
        'revocations_of_token',
        'revocations_of_session',
        'revocations_of_subject',
        'revocations_of_client',
        'revocations_of_key',
      ]),
    );
  });
});
