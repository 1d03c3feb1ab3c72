import { waitFor } from '@latchkey/testing';
import { AccessTokenIssuer } from '../../tokens/access-token-issuer.js';
import { claimsOf, ISSUER } from '../../../test/auth-fixture.js';
import { basic, client, useAuthWithClients } from '../../../test/client-credentials-fixture.js';

describe('the client_credentials grant', () => {
  const { auth, sql, request, tokenOf, introspect, expectError, startReplicaWith } =
    useAuthWithClients();

  const revokeClient = async (id: string) => {
    const answer = await auth.post(`/admin/clients/${id}/revoke`, {
      token: await auth.adminToken(),
    });
    expect(answer.status).toBe(204);
  };

  describe('its token', () => {
    it('is described at introspection', async () => {
      const token = await tokenOf('robot', { resource: 'orders', scope: 'orders:read' });
      const { jti, iat, exp, aud } = claimsOf(token);
      expect(await introspect(token)).toEqual({
        active: true,
        token_type: 'Bearer',
        iss: ISSUER,
        sub: 'robot',
        client_id: 'robot',
        scope: 'orders:read',
        ...{ jti, iat, exp, aud },
      });
    });

    it('can be revoked by its client, without affecting other tokens', async () => {
      const [token, other] = [await tokenOf(), await tokenOf()];
      const sent = { form: { token }, headers: basic('robot') };
      const answer = await auth.post('/oauth/revoke', sent);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
      expect(await introspect(token)).toEqual({ active: false });
      expect(await introspect(other)).toMatchObject({ active: true });
      expect(
        await sql('SELECT trigger, kind FROM revocations WHERE token_id = $1', [
          claimsOf(token).jti,
        ]),
      ).toEqual([{ trigger: 'token_revoked', kind: 'token' }]);
    });

    it('cannot be revoked by another client', async () => {
      const token = await tokenOf();
      for (const sent of [
        { form: { token }, headers: basic('introspector') },
        { form: { token, client_id: 'latchkey-web' } },
      ]) {
        const answer = await auth.post('/oauth/revoke', sent);
        expect({ status: answer.status, error: answer.body.error }).toEqual({
          status: 400,
          error: 'unauthorized_client',
        });
      }
      expect(await introspect(token)).toMatchObject({ active: true });
    });

    it.each([
      ['GET', '/sessions', undefined],
      ['DELETE', '/sessions/0197a2b0-0000-4000-8000-000000000000', undefined],
      ['POST', '/logout', undefined],
      ['POST', '/logout/everywhere', undefined],
      ['POST', '/password', { currentPassword: 'x', newPassword: 'long enough' }],
      ['POST', '/admin/users/root/disable', undefined],
      ['POST', '/admin/clients/robot/revoke', undefined],
      ['GET', '/admin/signing-keys', undefined],
    ])('is refused by %s %s of the auth service', async (method, path, json) => {
      const token = await tokenOf();
      const answer = await auth.send(method, path, { token, ...(json && { json }) });
      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 401,
        code: 'invalid_token',
      });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
      expect(await introspect(token)).toMatchObject({ active: true });
    });

    it('is refused as a refresh token', async () => {
      const form = { grant_type: 'refresh_token', refresh_token: await tokenOf() };
      await expectError({ form, headers: basic('robot') }, 400, 'invalid_grant');
    });
  });

  describe('after an administrator revoked the client', () => {
    it('issues no token, and reports earlier ones as inactive', async () => {
      const token = await tokenOf('doomed');
      const kept = await tokenOf();
      await revokeClient('doomed');
      expect(await introspect(token)).toEqual({ active: false });
      expect(await introspect(kept)).toMatchObject({ active: true });
      const sent = { form: { grant_type: 'client_credentials' }, headers: basic('doomed') };
      await expectError(sent, 401, 'invalid_client');
      const [row] = await sql<{ before: number }>(
        `SELECT max(issued_before)::float8 AS before FROM revocations WHERE client_id = 'doomed'`,
      );
      expect(claimsOf(token).iat).toBeLessThan(row!.before);
    });

    it('leaves no valid token from requests that race with the revocation', async () => {
      const issued: string[] = [];
      const revoked = revokeClient('raced');
      let answer = await request({}, 'raced');
      while (answer.status === 200) {
        issued.push(answer.body.access_token);
        answer = await request({}, 'raced');
      }
      expect(answer.body.error).toBe('invalid_client');
      await revoked;
      expect(issued.length).toBeGreaterThan(0);
      for (const token of issued) expect(await introspect(token)).toEqual({ active: false });
    });

    it('dates a token before the revocation, even if signed after it', async () => {
      const admin = await auth.adminToken();
      const issuer = auth.service.app.get(AccessTokenIssuer);
      const issue = issuer.issue.bind(issuer);
      issuer.issue = async (...request) => {
        await auth.post('/admin/clients/slow/revoke', { token: admin });
        // From now on, the time of signing is later than the revocation.
        await waitFor(async () => {
          const [row] = await sql<{ passed: boolean }>(
            `SELECT extract(epoch FROM clock_timestamp()) > tokens_valid_from + 1 AS passed
             FROM clients WHERE id = 'slow'`,
          );
          return row!.passed;
        });
        return issue(...request);
      };
      try {
        const token = await tokenOf('slow');
        expect(await introspect(token)).toEqual({ active: false });
      } finally {
        issuer.issue = issue;
      }
    });

    it('issues tokens for a new secret within the same second, dated after the revocation', async () => {
      const next = 'the next secret';
      const replica = await startReplicaWith(client('returning', ['orders:read'], next));
      try {
        await revokeClient('returning');
        const answer = await replica.post('/oauth/token', {
          form: { grant_type: 'client_credentials' },
          headers: basic('returning', next),
        });
        expect(answer.status).toBe(200);
        const [row] = await sql<{ before: number }>(
          `SELECT tokens_valid_from::float8 AS before FROM clients WHERE id = 'returning'`,
        );
        expect(claimsOf(answer.body.access_token).iat).toBeGreaterThanOrEqual(row!.before);
        expect(await introspect(answer.body.access_token)).toMatchObject({ active: true });
      } finally {
        await replica.close();
      }
    });
  });
});
