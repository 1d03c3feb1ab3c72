import type { LoginRequest } from '@latchkey/contracts/auth-api';
import { startService, type RunningService } from '@latchkey/service-kit';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { authService } from '../src/auth-service.js';
import { config } from '../src/config.js';

export const ISSUER = 'http://auth.test:4000';
export const PASSWORD = 'correct horse';
export const ADMIN = { username: 'root', password: 'battery staple' };
export const CLIENT = { id: 'resource-server', secret: 'a secret of high entropy' };

/** Replicas of one auth service share it. */
const KEY_ENCRYPTION_KEY = randomBytes(32).toString('base64url');
const secretSha256 = createHash('sha256').update(CLIENT.secret).digest('hex');

/** Whatever the answers of this service have; a test looks only at what it expects. */
export interface AnswerBody {
  readonly [name: string]: unknown;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly code: string;
  readonly error: string;
  readonly errors: readonly { field: string; message: string }[];
  readonly sessions: readonly { sid: string; current: boolean; userAgent: string | null }[];
  readonly keys: readonly { keyId: string; state: string }[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: AnswerBody;
}

export interface Sent {
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>> | string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Surroundings {
  readonly databaseUrl: string;
  /** What `credentials('auth')` of the test's NATS says. */
  readonly nats: { readonly servers: string; readonly user: string; readonly pass: string };
  readonly env?: Readonly<Record<string, string>>;
}

/** The auth service as it runs, on a port of its own, seen from outside. */
export class AuthReplica {
  private constructor(
    readonly service: RunningService,
    readonly log: { text: string },
  ) {}

  /** Resolves when it is ready. */
  static async start({ databaseUrl, nats, env }: Surroundings): Promise<AuthReplica> {
    const log = { text: '' };
    const options = authService(
      config({
        PORT: '0',
        LOG_LEVEL: 'debug',
        DATABASE_URL: databaseUrl,
        NATS_URL: nats.servers,
        NATS_USER: nats.user,
        NATS_PASSWORD: nats.pass,
        ISSUER,
        KEY_ENCRYPTION_KEY,
        AUDIENCES: 'orders,inventory,payments',
        USER_SCOPES:
          'orders:read orders:write inventory:read inventory:write payments:read payments:write',
        ADMIN_SCOPES: 'orders:admin inventory:admin payments:admin',
        OAUTH_CLIENTS: JSON.stringify([{ clientId: CLIENT.id, secretSha256 }]),
        INITIAL_ADMIN_USERNAME: ADMIN.username,
        INITIAL_ADMIN_PASSWORD: ADMIN.password,
        // All accounts of a test come from one address.
        REGISTRATIONS_PER_HOUR: '100000',
        ...env,
      }),
    );
    const logDestination = new Writable({
      write(chunk: Buffer, _, done) {
        log.text += chunk.toString();
        done();
      },
    });
    const service = await startService({ ...options, handleSignals: false, logDestination });
    const replica = new AuthReplica(service, log);
    while (!(await replica.isReady())) await delay(20);
    return replica;
  }

  get url(): string {
    return this.service.url;
  }

  close(): Promise<void> {
    return this.service.close();
  }

  async isReady(): Promise<boolean> {
    return (await this.send('GET', '/health/ready')).status === 200;
  }

  async send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const { json, form, token, headers } = sent;
    const body = json === undefined ? form && encode(form) : JSON.stringify(json);
    const type = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json';
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': type }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: JSON.parse(text === '' ? '{}' : text) as AnswerBody,
    };
  }

  post(path: string, sent?: Sent): Promise<Answer> {
    return this.send('POST', path, sent);
  }

  /** @returns the name of a new account with the password {@link PASSWORD} */
  async register(username: string = `user-${randomUUID()}`): Promise<string> {
    const answer = await this.post('/register', { json: { username, password: PASSWORD } });
    if (answer.status !== 202) throw new Error(`/register answered ${answer.status}`);
    return username;
  }

  login(username: string, more: Partial<LoginRequest> = {}): Promise<Answer> {
    return this.post('/login', { json: { username, password: PASSWORD, ...more } });
  }

  /** @throws when it is refused */
  async logIn(
    username: string,
    more?: Partial<LoginRequest>,
  ): Promise<AnswerBody & { sid: string }> {
    const { status, body } = await this.login(username, more);
    if (status !== 200) throw new Error(`/login answered ${status}`);
    return { ...body, sid: claimsOf(body.access_token).sid };
  }

  refresh(refreshToken: string, more: Record<string, string> = {}): Promise<Answer> {
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...more };
    return this.post('/oauth/token', { form });
  }

  /** Whether the auth service itself honours an access token. */
  async honours(token: string): Promise<boolean> {
    return (await this.send('GET', '/sessions', { token })).status === 200;
  }

  async adminToken(): Promise<string> {
    return (await this.logIn(ADMIN.username, { password: ADMIN.password })).access_token;
  }
}

function encode(form: Readonly<Record<string, string>> | string): string {
  return typeof form === 'string' ? form : new URLSearchParams(form).toString();
}

export interface Claims {
  sub: string;
  sid: string;
  jti: string;
  iat: number;
  exp: number;
  auth_time: number;
  aud: string[];
  scope: string;
  client_id: string;
}

/** Nothing is verified here. */
export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
}

/** The refresh cookie that an answer sets; '' when it clears it, undefined when it does neither. */
export function refreshCookieOf({ headers }: Pick<Answer, 'headers'>): string | undefined {
  const [cookie] = headers.getSetCookie();
  return /^__Host-latchkey-refresh=([^;]*)/.exec(cookie ?? '')?.[1];
}
