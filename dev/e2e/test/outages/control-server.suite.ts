import { CONTROL_KEY_HEADER, type StackReport } from '@latchkey/contracts/live';
import {
  call,
  VERIFYING_REPLICAS,
  type ControlServer,
  type LatchkeyStack,
  type StackFaults,
} from '@latchkey/local-stack';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { ControlClient } from './control-client.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const fault = (more: object) => JSON.stringify({ part: 'nats', seconds: 1, ...more });

/** A control server, and what it controls. */
export interface Controlled {
  readonly control: ControlServer;
  /** The page that may ask it. */
  readonly origin: string;
  readonly stack: LatchkeyStack;
  readonly faults: StackFaults;
  /** A folder that does not exist yet. */
  readonly labReports: string;
  /** The errors that the server has reported. */
  readonly errors: readonly unknown[];
  readonly setBusy: (reason: string | null) => void;
}

/** @param of is called within tests */
export function describeControlServer(of: () => Controlled): void {
  describe('the control server', () => {
    it('describes the stack, but not where its secrets are', async () => {
      const { control, origin, stack } = of();
      const client = new ControlClient(control);
      const { status, body, headers } = await client.send('/stack', { headers: { origin } });
      expect(status).toBe(200);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'access-control-allow-origin': origin,
      });
      expect(body).toMatchObject({
        ...{ issuer: stack.issuer, busy: null, labReport: null },
        users: [{ username: 'ada', password: 'secret', isAdministrator: false }],
      });
      const { parts, replicas } = body as StackReport;
      expect(parts.map(({ part }) => part)).toEqual([
        ...['nats', 'auth', 'postgres', 'redis', 'nats:auth'],
        ...VERIFYING_REPLICAS.map((name) => `nats:${name}`),
      ]);
      expect(replicas.at(-1)).toEqual({
        ...{ name: 'payments', service: 'payments', running: true, whenStale: 'refuse' },
        ...{ url: stack.replicas.payments.url, sampleRoute: '/payments' },
      });
      expect(replicas[0]).toMatchObject({ name: 'auth', sampleRoute: null, whenStale: null });
    });

    it('serves the newest page of the lab, which may do nothing', async () => {
      const { control, labReports } = of();
      expect((await call(`${control.url}/lab-report`)).status).toBe(404);
      writeLabReport(labReports);
      const { labReport } = await new ControlClient(control).report();
      const page = await call(labReport?.url ?? '');
      expect([page.status, page.body]).toEqual([200, '<h1>Lab</h1>']);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.headers.get('content-security-policy')).toContain('sandbox');
      const figures = await call(`${control.url}/run.json`);
      expect([figures.status, figures.body]).toEqual([200, { figures: [] }]);
      expect(figures.headers.get('content-type')).toBe('application/json');
      for (const other of ['/other.json', '/..%2frun.json', '/index.html', '/run.json?x'])
        expect((await call(control.url + other)).status).toBe(401);
    });

    it('refuses faults while the stack is busy', async () => {
      const { control, faults, setBusy } = of();
      setBusy('The tour is still running.');
      const refused = await new ControlClient(control).break('nats', 1);
      setBusy(null);
      expect(refused).toMatchObject({ status: 409, body: { code: 'busy' } });
      expect(faults.part('nats').status.state).toBe('working');
    });

    const json = JSON.stringify({ part: 'nats', seconds: 1 });
    const post = { method: 'POST', path: '/stack/faults', body: json };
    const asJson = { 'content-type': 'application/json' };
    /** `key` stands for the right one, `host` for the right one. */
    const REFUSED: [string, RawRequest, number, string][] = [
      ['no key', { headers: {} }, 401, 'wrong_key'],
      ['a wrong key', { headers: { [CONTROL_KEY_HEADER]: 'x' } }, 401, 'wrong_key'],
      ['an empty key', { headers: { [CONTROL_KEY_HEADER]: '' } }, 401, 'wrong_key'],
      ['the key in the URL', { path: '/stack?key=', headers: {} }, 401, 'wrong_key'],
      ['another page', { origin: 'https://evil.test' }, 403, 'foreign_origin'],
      ['a page without an origin', { origin: 'null' }, 403, 'foreign_origin'],
      ['a page of the same host', { origin: 'http://127.0.0.1:1' }, 403, 'foreign_origin'],
      ['a rebound name', { host: 'evil.test' }, 403, 'foreign_host'],
      ['a rebound name with its port', { host: 'evil.test:4062' }, 403, 'foreign_host'],
      ['another port', { host: '127.0.0.1:1' }, 403, 'foreign_host'],
      ['a GET with a body', { body: '{}' }, 400, 'unexpected_body'],
      ['an unknown path', { path: '/stack/' }, 404, 'not_found'],
      ['another method', { method: 'PUT' }, 404, 'not_found'],
      ['a form', { ...post, headers: FORM }, 415, 'unsupported_media_type'],
      ['no media type', post, 415, 'unsupported_media_type'],
      [
        'text',
        { ...post, headers: { 'content-type': 'text/plain' } },
        415,
        'unsupported_media_type',
      ],
      ['broken JSON', { ...post, headers: asJson, body: '{' }, 400, 'invalid_json'],
      [
        'a huge body',
        { ...post, headers: asJson, body: `"${'x'.repeat(1e6)}"` },
        413,
        'payload_too_large',
      ],
      ['no part', { ...post, headers: asJson, body: '{}' }, 400, 'invalid_input'],
      ['no object', { ...post, headers: asJson, body: '[]' }, 400, 'invalid_input'],
      [
        'too long',
        { ...post, headers: asJson, body: fault({ seconds: 301 }) },
        400,
        'invalid_input',
      ],
      ['no time', { ...post, headers: asJson, body: fault({ seconds: 0 }) }, 400, 'invalid_input'],
      [
        'time as text',
        { ...post, headers: asJson, body: fault({ seconds: '5' }) },
        400,
        'invalid_input',
      ],
      ['more', { ...post, headers: asJson, body: fault({ more: 1 }) }, 400, 'invalid_input'],
      [
        'another part',
        { ...post, headers: asJson, body: fault({ part: 'NATS' }) },
        400,
        'unknown_part',
      ],
      [
        'a prototype',
        { ...post, headers: asJson, body: fault({ part: '__proto__' }) },
        400,
        'unknown_part',
      ],
      [
        'hops without a token',
        { ...post, path: '/stack/hops', headers: asJson, body: '{}' },
        400,
        'invalid_input',
      ],
      [
        'hops of something else',
        { ...post, path: '/stack/hops', headers: asJson, body: '{"token":"x"}' },
        422,
        'not_exchanged',
      ],
      ['healing another part', { method: 'DELETE', path: '/stack/faults/x' }, 404, 'unknown_part'],
      ['healing nonsense', { method: 'DELETE', path: '/stack/faults/%zz' }, 404, 'unknown_part'],
      [
        'healing with a body',
        { method: 'DELETE', path: '/stack/faults/nats', body: '{}' },
        400,
        'unexpected_body',
      ],
    ];

    it.each(REFUSED)('refuses %s', async (what, asked, status, code) => {
      const { control, faults } = of();
      const withKey = { [CONTROL_KEY_HEADER]: control.key };
      const isAboutKey = what.includes('key');
      const answer = await rawRequest(control.url, {
        ...asked,
        headers: { ...(isAboutKey ? {} : withKey), ...asked.headers },
      });
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { code }]);
      expect(answer.body).not.toContain(control.key);
      const permitted = asked.origin === undefined ? undefined : null;
      expect(answer.headers['access-control-allow-origin'] ?? permitted).toBe(permitted);
      expect(faults.status.every(({ state }) => state === 'working')).toBe(true);
    });

    it('permits the console to ask, and no other page', async () => {
      const { control, origin, errors } = of();
      const preflight = (asking: string) =>
        call(`${control.url}/stack/faults`, {
          method: 'OPTIONS',
          headers: { origin: asking, 'access-control-request-method': 'POST' },
        });
      const { status, headers } = await preflight(origin);
      expect(status).toBe(204);
      expect(Object.fromEntries(headers)).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': `content-type, ${CONTROL_KEY_HEADER}`,
      });
      const other = await preflight('https://evil.test');
      expect(other.status).toBe(403);
      expect(other.headers.has('access-control-allow-origin')).toBe(false);
      expect(errors).toEqual([]);
    });
  });
}

interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `fetch` would not send a `Host` of its own, nor a body with GET. */
function rawRequest(url: string, { method = 'GET', path = '/stack', ...asked }: RawRequest) {
  const { host, origin, headers, body } = asked;
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const sent = request(url + path, {
        method,
        headers: {
          ...headers,
          ...(host !== undefined && { host }),
          ...(origin !== undefined && { origin }),
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        },
      });
      sent.on('response', (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      });
      sent.on('error', reject); // after a response it has no effect
      sent.end(body);
    },
  );
}

function writeLabReport(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<h1>Lab</h1>');
  writeFileSync(join(folder, 'run.json'), '{"figures":[]}');
}
