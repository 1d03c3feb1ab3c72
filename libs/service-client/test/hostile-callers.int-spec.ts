import { useService } from './service-fixture.js';
import type { Reply } from './test-server.js';
import { codeOf } from './token-issuer-fixture.js';

/** Whatever a caller of this service sends reaches its calls as the context. */
describe('a caller of this service', () => {
  const bed = useService();
  const { client } = bed;

  const failOnce = (reply: Reply): void => {
    let count = 0;
    bed.server.answer = () => (count++ === 0 ? reply : { body: {} });
  };

  describe('that chooses an idempotency key', () => {
    const context = () => ({ 'idempotency-key': 'k1' });

    it.each(['post', 'patch'] as const)('does not make a %s safe to repeat', async (method) => {
      failOnce({ status: 503 });
      const calls = client({ context }).for(bed.principal);
      expect(await codeOf(calls[method]('/transfers'))).toBe('server_error');
      expect(bed.server.received).toMatchObject([{ headers: { 'idempotency-key': 'k1' } }]);
    });

    it('leaves it to the service whether a call can be repeated', async () => {
      failOnce({ status: 503 });
      await client({ context }).for(bed.principal).post('/transfers', {}, { idempotent: true });
      expect(bed.server.received.map(({ headers }) => headers['idempotency-key'])).toEqual([
        'k1',
        'k1',
      ]);
    });

    it('does not choose that of a call for nobody, whose keys all users would share', async () => {
      await client({ context }).own().post('/transfers');
      expect(bed.server.received[0]!.headers).not.toHaveProperty('idempotency-key');
    });
  });

  describe('that says it has seen a later log-out', () => {
    const BEHIND = { status: 503, body: { code: 'revocations_behind' } };
    const answerByPosition = (): void => {
      bed.server.answer = ({ headers }) =>
        headers['revocation-min-position'] ? BEHIND : { body: {} };
    };

    it('gets 503, and does not keep the others from the service', async () => {
      answerByPosition();
      let position: string | undefined = '999999999999999';
      const calls = client({
        context: () => ({ 'revocation-min-position': position }),
        circuit: { failures: 2 },
      });
      for (let count = 0; count < 3; count++)
        expect(await codeOf(calls.for(bed.principal).post('/'))).toBe('server_error');
      expect(calls.circuit).toBe('closed');
      position = undefined;
      const bob = await bed.issuer.principal({ subject: 'bob' });
      expect((await calls.for(bob).post('/')).status).toBe(200);
    });

    it('does not hide that the service fails', async () => {
      bed.server.answer = () => ({ status: 503, body: { code: 'database_unavailable' } });
      const context = () => ({ 'revocation-min-position': '7' });
      const calls = client({ context, circuit: { failures: 2 } });
      for (let count = 0; count < 2; count++)
        expect(await codeOf(calls.for(bed.principal).post('/'))).toBe('server_error');
      expect(calls.circuit).toBe('open');
    });

    it('cannot blame a service that was not asked for a position', async () => {
      bed.server.answer = () => BEHIND;
      const calls = client({ circuit: { failures: 2 } });
      for (let count = 0; count < 2; count++)
        expect(await codeOf(calls.for(bed.principal).post('/'))).toBe('server_error');
      expect(calls.circuit).toBe('open');
    });
  });

  describe('whose session ends between two attempts of a call', () => {
    it('is not called for again', async () => {
      bed.server.answer = () => {
        bed.issuer.revokeSession(bed.principal.sessionId!);
        return { status: 503 };
      };
      expect(await codeOf(client().for(bed.principal).get('/'))).toBe('revoked');
      expect(bed.server.received).toHaveLength(1);
    });

    it('is called for with another token if only the token has expired', async () => {
      bed.server.answer = () => {
        if (bed.server.received.length > 1) return { body: {} };
        bed.issuer.clock.pass(301);
        return { status: 503 };
      };
      expect((await client().for(bed.principal).get('/')).status).toBe(200);
      const [first, second] = bed.server.received.map(({ headers }) => headers.authorization);
      expect(second).not.toBe(first);
    });
  });
});
