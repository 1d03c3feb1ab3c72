import type { LoginRequest } from '@latchkey/contracts/auth-api';
import { startService, type RunningService } from '@latchkey/service-kit';
import { waitFor } from '@latchkey/testing';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { authService } from '../src/auth-service.js';
import { config } from '../src/config.js';
import { RevocationRelay } from '../src/revocations/revocation-relay.js';

export const ISSUER = 'http://auth.test:4000';
export const PASSWORD = 'correct horse';
export const ADMIN = { username: 'root', password: 'battery staple' };
export const CLIENT = { id: 'resource-server', secret: 'a secret of high entropy' };

/** Shared by all replicas of a test. */
const KEY_ENCRYPTION_KEY = randomBytes(32).toString('base64url');
const secretSha256 = createHash('sha256').update(CLIENT.secret).digest('hex');

/** Long enough for a publication on a busy machine. */
const PUBLISHED_WITHIN_MILLISECONDS = 20_000;

/** All members that answers can have. A test reads only those that it expects. */
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

export type Environment = Readonly<Record<string, string>>;

export interface ReplicaOptions {
  readonly databaseUrl: string;
  /** `credentials('auth')` of the test's NATS. */
  readonly nats: { readonly servers: string; readonly user: string; readonly pass: string };
  /** Overrides the defaults of the tests. */
  readonly env?: Environment;
}

interface Check {
  readonly ready: boolean;
  readonly detail?: string;
}

/** A replica of the auth service in this process, with a port and a log of its own. */
export class AuthReplica {
  readonly log = { text: '' };
  #service: RunningService | undefined;

  static async start(options: ReplicaOptions): Promise<AuthReplica> {
    const replica = new AuthReplica();
    await replica.start(options);
    return replica;
  }

  /** Resolves when the replica is ready and publishes log-outs: it answers them with 204 from then on, not 202. */
  async start({ databaseUrl, nats, env }: ReplicaOptions): Promise<void> {
    const { log } = this;
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
    this.#service = await startService({ ...options, handleSignals: false, logDestination });
    while (!(await this.isReady())) await delay(20);
    const relay = this.service.app.get(RevocationRelay, { strict: false });
    waitLongerForPublications(relay);
    await firstWatermark(relay);
  }

  get service(): RunningService {
    if (!this.#service) throw new Error('This replica is not running');
    return this.#service;
  }

  get url(): string {
    return this.service.url;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    await service?.close();
  }

  async isReady(): Promise<boolean> {
    return (await this.send('GET', '/health/ready')).status === 200;
  }

  /** Returns a check of `/health/ready`; undefined if there is none with this name. */
  async check(name: string): Promise<Check | undefined> {
    const { body } = await this.send('GET', '/health/ready');
    return (body['checks'] as Record<string, Check>)[name];
  }

  sql<Row extends object>(query: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return this.service.app.get(DataSource).query<Row[]>(query, parameters && [...parameters]);
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

  /** Creates an account with the password {@link PASSWORD}. @returns its name */
  async register(username: string = `user-${randomUUID()}`): Promise<string> {
    const answer = await this.post('/register', { json: { username, password: PASSWORD } });
    if (answer.status !== 202) throw new Error(`/register answered ${answer.status}`);
    return username;
  }

  login(username: string, more: Partial<LoginRequest> = {}): Promise<Answer> {
    return this.post('/login', { json: { username, password: PASSWORD, ...more } });
  }

  /** @throws Error if the log-in is refused */
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

  /** Whether the auth service itself accepts an access token. */
  async honours(token: string): Promise<boolean> {
    return (await this.send('GET', '/sessions', { token })).status === 200;
  }

  async adminToken(): Promise<string> {
    return (await this.logIn(ADMIN.username, { password: ADMIN.password })).access_token;
  }
}

const firstWatermark = (relay: RevocationRelay): Promise<unknown> =>
  waitFor(() => relay.status.watermarkAgeSeconds < Infinity, { what: 'a watermark' });

/**
 * A request waits for a publication for about a second and then answers 202, as the tests of the relay prove. Where
 * other tests keep the machine busy, a publication may take longer although nothing is wrong.
 */
function waitLongerForPublications(relay: RevocationRelay): void {
  const publish = relay.publish.bind(relay);
  relay.publish = async (revocations) => {
    const deadline = performance.now() + PUBLISHED_WITHIN_MILLISECONDS;
    for (;;) {
      const serial = await publish(revocations);
      const { connected, blocked } = relay.status;
      const mayYetSucceed = connected && blocked === undefined && performance.now() < deadline;
      if (serial !== undefined || !mayYetSucceed) return serial;
      await delay(20);
    }
  };
}

/** The header of `client_secret_basic` (RFC 6749 §2.3.1). */
export const basicAuthorization = (id: string, secret: string) => ({
  authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
});

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

/** Decodes a token without verifying it. */
export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
}

/** Reads `kid` from a token's header without verifying the token. */
export function keyIdOf(token: string): string {
  const header = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
  return (JSON.parse(header) as { kid: string }).kid;
}

/** The value of the refresh cookie that an answer sets: '' if it clears it, undefined if it does neither. */
export function refreshCookieOf({ headers }: Pick<Answer, 'headers'>): string | undefined {
  const [cookie] = headers.getSetCookie();
  return /^__Host-latchkey-refresh=([^;]*)/.exec(cookie ?? '')?.[1];
}
