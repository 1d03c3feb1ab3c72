import { TestAuthority, waitFor } from '@latchkey/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';

const EXAMPLES = join(import.meta.dirname, '../../../../libs/verifier/examples');

/** A busy machine takes long to start a process. */
const SLOW = { timeoutMs: 20_000 };

interface Answer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
}

/** An example, started as a reader would do. */
class Example {
  readonly #child: ChildProcess;
  output = '';

  constructor(file: string, authority: TestAuthority) {
    const { servers, user, pass } = authority.nats.credentials('orders');
    this.#child = spawn(process.execPath, [join(EXAMPLES, file)], {
      env: {
        ISSUER: authority.issuer.issuer,
        AUDIENCE: 'orders',
        NATS_URL: servers,
        NATS_USER: user,
        NATS_PASSWORD: pass,
        PORT: '0',
      },
    });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
  }

  /** Matches the whole line, because an earlier warning about the issuer may contain an address. */
  get #port(): string | undefined {
    return /listening at http:\/\/127\.0\.0\.1:(\d+)/i.exec(this.output)?.[1];
  }

  async listening(): Promise<void> {
    await waitFor(() => this.#port !== undefined, SLOW);
  }

  /** Requests `/me` with exactly these Authorization headers. */
  async me(...authorization: readonly string[]): Promise<Answer> {
    const headers = ['host', 'example', ...authorization.flatMap((one) => ['authorization', one])];
    const options = { host: '127.0.0.1', port: this.#port, path: '/me', headers };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            challenge: response.headers['www-authenticate'],
            retryAfter: response.headers['retry-after'],
            body: JSON.parse(text) as unknown,
          }),
        );
      });
      sent.on('error', reject).end();
    });
  }

  /** Sends a signal, and waits for the end. @returns the exit code */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit') as Promise<[number | null]>;
    this.#child.kill(signal);
    return (await ended)[0];
  }
}

describe.each(['fastify.mjs', 'express.mjs'])('the example %s', (file) => {
  let authority: TestAuthority;
  let example: Example;
  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    authority.keySet.behave('cut');
    example = new Example(file, authority);
    await example.listening();
  });
  afterAll(async () => {
    await example.stop('SIGKILL');
    await authority.close();
  });

  const sentTokens: string[] = [];
  async function token(sessionId = 'current') {
    const made = await authority.issuer.makeToken({ subject: 'ada', sessionId });
    sentTokens.push(made);
    return `Bearer ${made}`;
  }
  const INVALID = {
    status: 401,
    challenge: 'Bearer error="invalid_token"',
    retryAfter: undefined,
    body: { code: 'invalid_token' },
  };

  it('returns 503 while the issuer is down, and recovers without a restart', async () => {
    const away = await example.me(await token());
    expect(away).toMatchObject({ status: 503, retryAfter: '1' });
    authority.keySet.behave('ok');
    await waitFor(async () => (await example.me(await token())).status === 200, SLOW);
    expect(await example.me(await token())).toMatchObject({ body: { subject: 'ada' } });
  });

  it.each([
    ['none', []],
    ['another scheme', ['Basic YTpi']],
    ['the scheme alone', ['Bearer']],
  ])('asks for a token if the header is %s', async (_, headers) => {
    expect(await example.me(...headers)).toMatchObject({
      status: 401,
      challenge: 'Bearer',
      body: { code: 'missing_token' },
    });
  });

  it.each([
    ['has two tokens', () => Promise.resolve(['Bearer a b'])],
    ['is sent twice, even with valid tokens', async () => [await token(), await token()]],
    ['is sent twice, once without a token', async () => ['Basic YTpi', await token()]],
  ])('rejects a malformed header, as the guard for Nest does: it %s', async (_, make) => {
    expect(await example.me(...(await make()))).toMatchObject({
      status: 400,
      challenge: 'Bearer error="invalid_request"',
      body: { code: 'invalid_request' },
    });
  });

  it('accepts the scheme in any case', async () => {
    const lower = (await token()).replace('Bearer', 'bearer');
    expect((await example.me(lower)).status).toBe(200);
  });

  it('refuses an invalid token without telling why', async () => {
    expect(await example.me('Bearer a.b.c')).toEqual(INVALID);
    const other = await authority.issuer.makeToken({ audience: 'payments' });
    sentTokens.push(other);
    expect(await example.me(`Bearer ${other}`)).toEqual(INVALID);
    await waitFor(() => example.output.includes('wrong_audience'));
  });

  it('refuses a token once its session is revoked', async () => {
    const authorization = await token('ended');
    expect((await example.me(authorization)).status).toBe(200);
    await authority.revokeSession('ended');
    await waitFor(async () => (await example.me(authorization)).status === 401);
    expect(await example.me(authorization)).toEqual(INVALID);
  });

  it('shuts down on SIGTERM, and has logged no token', async () => {
    expect(await example.stop('SIGTERM')).toBe(0);
    expect(sentTokens.length).toBeGreaterThan(5);
    for (const sent of sentTokens) {
      for (const part of sent.split('.')) expect(example.output).not.toContain(part);
    }
  });
});
