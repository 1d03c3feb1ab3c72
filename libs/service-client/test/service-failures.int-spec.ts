import { waitFor } from '@latchkey/testing';
import { z } from 'zod';
import { failure, reasonOf, useService } from './service-fixture.js';
import type { Reply } from './test-server.js';
import {
  CallFailedError,
  ServiceUnavailableError,
  type ServiceClientOptions,
} from '../src/index.js';

describe('a service client', () => {
  const bed = useService();
  const { client } = bed;

  describe('retries', () => {
    const failing = (times: number, reply: Reply): void => {
      let count = 0;
      bed.server.answer = () => (count++ < times ? reply : { body: {} });
    };
    const PASSING: [string, Reply][] = [
      ['500', { status: 500 }],
      ['503', { status: 503 }],
      ['a broken connection', 'cut'],
    ];

    it.each(PASSING)('calls that can be repeated: after %s', async (_, reply) => {
      for (const method of ['get', 'head', 'put', 'delete'] as const) {
        failing(2, reply);
        expect((await client().own()[method]('/')).status).toBe(200);
      }
      failing(2, reply);
      expect((await client().own().post('/', {}, { idempotencyKey: 'k' })).status).toBe(200);
      failing(2, reply);
      expect((await client().own().patch('/', {}, { idempotent: true })).status).toBe(200);
      expect(bed.server.received).toHaveLength(18);
    });

    it.each(PASSING)('no other calls: after %s', async (_, reply) => {
      failing(1, reply);
      expect(await failure(client().own().post('/'))).toBeInstanceOf(ServiceUnavailableError);
      failing(1, reply);
      expect(await failure(client().own().patch('/'))).toBeInstanceOf(ServiceUnavailableError);
      failing(1, reply);
      expect(await failure(client().own().get('/', { idempotent: false }))).toBeInstanceOf(
        ServiceUnavailableError,
      );
      expect(bed.server.received).toHaveLength(3);
    });

    it('as often as the options say', async () => {
      failing(99, { status: 502 });
      expect(await reasonOf(client({ retries: 0 }).own().get('/'))).toBe('server_error');
      expect(bed.server.received).toHaveLength(1);
      expect(await reasonOf(client({ retries: 1 }).own().get('/'))).toBe('server_error');
      expect(bed.server.received).toHaveLength(3);
    });

    it('no refusal', async () => {
      failing(99, { status: 429, headers: { 'retry-after': '0' } });
      expect(await failure(client().own().get('/'))).toMatchObject({ status: 429 });
      expect(bed.server.received).toHaveLength(1);
    });

    it('after the time that the service asks for, if there is enough', async () => {
      failing(1, { status: 503, headers: { 'retry-after': '1' } });
      const began = performance.now();
      await client().own().get('/');
      expect(performance.now() - began).toBeGreaterThanOrEqual(990);
      failing(1, { status: 503, headers: { 'retry-after': '3600' } });
      expect(await failure(client().own().get('/'))).toMatchObject({
        reason: 'server_error',
        status: 503,
        retryAfterSeconds: 3_600,
      });
      expect(bed.server.received).toHaveLength(3);
    });
  });

  describe('ends a call', () => {
    it('at its deadline', async () => {
      bed.server.answer = () => 'hang';
      const short = client({ timeoutMilliseconds: 50 });
      expect(await reasonOf(short.own().get('/'))).toBe('deadline');
      expect(await reasonOf(client().own().get('/', { timeoutMilliseconds: 50 }))).toBe('deadline');
    });

    it('at its deadline, while the issuer is slow', async () => {
      bed.issuer.reply = () => 'hang';
      expect(await reasonOf(client({ timeoutMilliseconds: 50 }).own().get('/'))).toBe('deadline');
    });

    it('when its signal aborts, before or during the call', async () => {
      bed.server.answer = () => 'hang';
      const controller = new AbortController();
      const pending = reasonOf(client().own().get('/', { signal: controller.signal }));
      await waitFor(() => bed.server.received.length === 1);
      controller.abort();
      expect(await pending).toBe('aborted');
      expect(await reasonOf(client().own().get('/', { signal: controller.signal }))).toBe(
        'aborted',
      );
      expect(bed.server.received).toHaveLength(1);
    });

    it('when it is closed', async () => {
      bed.server.answer = () => 'hang';
      const closing = client();
      const pending = [1, 2, 3].map(() => reasonOf(closing.own().get('/')));
      await waitFor(() => bed.server.received.length === 3);
      closing.close();
      expect(await Promise.all(pending)).toEqual(['aborted', 'aborted', 'aborted']);
      expect(await reasonOf(closing.own().get('/'))).toBe('aborted');
    });
  });

  describe('leaves a service alone that fails', () => {
    const circuit = { failures: 3, pauseMilliseconds: 50, maxPauseMilliseconds: 100 };
    const longCircuit = { failures: 3, pauseMilliseconds: 60_000, maxPauseMilliseconds: 60_000 };

    it.each<[string, Reply, number]>([
      ['answers 5xx', { status: 503 }, 10_000],
      ['breaks connections', 'cut', 10_000],
      ['hangs', 'hang', 200],
    ])('because it %s, and tries it again', async (_, reply, timeoutMilliseconds) => {
      // The deadline of a call that hangs is for the service, not for the issuer.
      await bed.tokens.own('inventory', 'inventory:write');
      const failing = async (options: ServiceClientOptions['circuit']) => {
        const guarded = client({ circuit: options!, retries: 0, timeoutMilliseconds });
        bed.server.answer = () => reply;
        for (let time = 0; time < 3; time++) await failure(guarded.own().post('/'));
        // An attempt that hangs is counted when it has been aborted, a moment after its caller has gone.
        await waitFor(() => guarded.circuit === 'open');
        return guarded;
      };
      const left = await failing(longCircuit);
      const sent = bed.server.received.length;
      expect(sent).toBeLessThanOrEqual(3);
      expect(await reasonOf(left.own().post('/'))).toBe('circuit_open');
      expect(bed.server.received).toHaveLength(sent);

      const guarded = await failing(circuit);
      bed.server.answer = () => ({});
      await waitFor(async () => (await reasonOf(guarded.own().post('/'))) === 'no error');
      expect(guarded.circuit).toBe('closed');
    });

    it.each([400, 401, 403, 404, 409, 422, 429])('but not because of %i', async (status) => {
      const guarded = client({ circuit });
      bed.server.answer = () => ({ status });
      for (let time = 0; time < 5; time++) await failure(guarded.own().get('/'));
      expect(guarded.circuit).toBe('closed');
    });

    it('nor because its callers give up', async () => {
      const guarded = client({ circuit });
      bed.server.answer = () => 'hang';
      for (let time = 1; time <= 5; time++) {
        const controller = new AbortController();
        const pending = failure(guarded.own().get('/', { signal: controller.signal }));
        await waitFor(() => bed.server.received.length === time);
        controller.abort();
        await pending;
      }
      expect(guarded.circuit).toBe('closed');
    });
  });

  describe('reports', () => {
    it.each([400, 403, 404, 409, 418, 422])('a refusal with its problem: %i', async (status) => {
      const document = {
        type: 'urn:x',
        title: 'No',
        status,
        code: 'no',
        detail: 'Because',
        extra: [1],
      };
      bed.server.answer = () => ({
        status,
        headers: { 'content-type': 'application/problem+json' },
        body: document,
      });
      const error = await failure(client().own().post('/', {}, { idempotencyKey: 'k' }));
      expect(error).toBeInstanceOf(CallFailedError);
      expect(error).toMatchObject({
        service: 'inventory',
        status,
        message: `inventory answered ${status} (no)`,
        problem: { type: 'urn:x', title: 'No', code: 'no', detail: 'Because', document },
      });
      expect(bed.server.received).toHaveLength(1);
    });

    it.each(['', 'text', '[]', 'null', '"x"', '{', '{"code":7}'])(
      'a refusal whose body is not a problem document: %j',
      async (body) => {
        bed.server.answer = () => ({ status: 409, body });
        const error = (await failure(client().own().get('/'))) as CallFailedError;
        expect(error.status).toBe(409);
        expect(error.problem?.code).toBeUndefined();
      },
    );

    it.each([301, 302, 303, 307, 308])(
      'a redirect, which it does not follow: %i',
      async (status) => {
        bed.server.answer = ({ path }) =>
          path === '/other' ? {} : { status, headers: { location: '/other' } };
        expect(await failure(client().own().get('/'))).toMatchObject({ status });
        expect(bed.server.received).toHaveLength(1);
      },
    );

    it('a service that is down', async () => {
      const down = client({ retries: 0 });
      await bed.server.close();
      const error = (await failure(down.own().get('/'))) as Error;
      expect(error).toMatchObject({ reason: 'unreachable', service: 'inventory' });
      expect((error.cause as Error).message).toBe('ECONNREFUSED');
      await bed.server.listen();
    });

    it.each<[string, Reply, string]>([
      ['is not JSON', { body: '{' }, 'the body is not JSON'],
      ['does not match', { body: { id: 'seven', 'a/b': [] } }, 'the body is wrong at /id'],
      ['is empty', { status: 204, body: '' }, 'the body is wrong at /'],
      ['is too long', { body: 'x'.repeat(2_000) }, 'it has more than 1000 bytes'],
    ])('an answer that %s', async (_, reply, detail) => {
      bed.server.answer = () => reply;
      const schema = z.object({ id: z.number() });
      const call = client({ maxReplyBytes: 1_000 }).own().get('/', { reply: schema });
      const error = (await failure(call)) as Error;
      expect(error).toMatchObject({ reason: 'invalid_reply' });
      expect(error.message).toContain(detail);
    });
  });
});
