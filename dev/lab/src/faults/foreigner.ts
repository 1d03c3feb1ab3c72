import {
  REVOCATION_EVENT_TYPE,
  REVOCATION_STREAM,
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
} from '@latchkey/contracts';
import type { NatsCredentials } from '@latchkey/local-stack';
import { makeIssuer, type TestIssuer } from '@latchkey/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Random } from '../random.js';
import { changeOf, type StreamEdit } from './stream-edits.js';

const API = '$JS.API';
const REQUEST_MILLISECONDS = 1_000;
const MESSAGES_READ = 60;

interface Stored {
  readonly subject: string;
  readonly body: Uint8Array;
}

/** The session that a forger would like to end. */
export interface Prey {
  readonly sessionId: string;
  readonly subject: string;
}

/**
 * Somebody who holds the auth service's NATS password, and none of its keys. What it asks for while
 * NATS is broken as well comes to nothing: that is no failure.
 */
export class Foreigner {
  private constructor(
    private readonly connection: NatsConnection,
    private readonly issuer: TestIssuer,
    private readonly random: Random,
  ) {}

  /** @returns undefined when NATS cannot be reached */
  static async connect(
    credentials: NatsCredentials,
    issuer: string,
    random: Random,
  ): Promise<Foreigner | undefined> {
    try {
      const connection = await connect({ ...credentials, reconnect: false, timeout: 1_000 });
      return new Foreigner(connection, await makeIssuer({ issuer }), random);
    } catch {
      return undefined; // NATS is down or frozen, too
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  /** The last messages of the stream, old watermarks among them if they are still there. */
  async read(): Promise<Stored[]> {
    const info = await this.#ask(`STREAM.INFO.${REVOCATION_STREAM}`, {});
    const { last_seq: last = 0 } = (info?.['state'] ?? {}) as { last_seq?: number };
    const found: Stored[] = [];
    for (let seq = Math.max(1, last - MESSAGES_READ); seq <= last; seq++) {
      const reply = await this.#request(`DIRECT.GET.${REVOCATION_STREAM}`, { seq });
      const subject = reply?.headers?.get('Nats-Subject');
      if (reply && subject) found.push({ subject, body: reply.data });
    }
    return found;
  }

  /** Everything twice and in no order, some of it in the place of something else. */
  replay(messages: readonly Stored[]): void {
    for (const { subject, body } of this.random.shuffled([...messages, ...messages]))
      this.#publish(this.random.chance(0.1) ? this.random.pick(messages).subject : subject, body);
  }

  /** Garbage, and what this issuer would say if another one had its keys. */
  async forge(prey: readonly Prey[], keyId: string): Promise<void> {
    this.#publish(`latchkey.revocations.session.${randomUUID()}`, randomBytes(500));
    this.#publish(WATERMARK_SUBJECT, new TextEncoder().encode('{"time":0}'));
    for (const header of [{}, { kid: keyId }]) {
      await this.#publishWatermark(header);
      for (const { sessionId, subject } of prey)
        await this.#publishRevocation(header, { sessionId, subject });
    }
  }

  /** As an operator could, who means well. */
  async reconfigure(edit: StreamEdit): Promise<void> {
    const info = await this.#ask(`STREAM.INFO.${REVOCATION_STREAM}`, {});
    const config = info?.['config'] ?? {};
    await this.#ask(`STREAM.UPDATE.${REVOCATION_STREAM}`, { ...config, ...changeOf(edit) });
  }

  async #publishRevocation(header: object, { sessionId, subject }: Prey): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    const id = randomUUID();
    const { issuer } = this.issuer;
    const event = { issuer, id, revokedAt: now, expiresAt: now + 600, trigger: 'logout' };
    const revocation = { ...event, kind: 'session' as const, sessionId, subject };
    const serial = this.random.integer(1, 1_000_000);
    const claims = revocationToEventClaims(revocation, serial);
    await this.#publishSigned(revocationSubject({ kind: 'session', id }, serial), header, claims);
  }

  /** It asks for revocations that nobody has, and names a time to come. */
  async #publishWatermark(header: object): Promise<void> {
    const timeMilliseconds = Date.now() + 3_600_000;
    const claims = watermarkToEventClaims(
      {
        issuer: this.issuer.issuer,
        timeMilliseconds,
        issuedAt: Math.floor(timeMilliseconds / 1000),
        serials: { from: 1, through: 1_000_000 },
        revokedKeys: [],
        position: 0,
        epoch: randomUUID(),
      },
      randomUUID(),
    );
    await this.#publishSigned(WATERMARK_SUBJECT, header, claims);
  }

  async #publishSigned(subject: string, header: object, claims: unknown): Promise<void> {
    const event = await this.issuer.sign({ typ: REVOCATION_EVENT_TYPE, ...header }, claims);
    this.#publish(subject, new TextEncoder().encode(event));
  }

  #publish(subject: string, body: Uint8Array): void {
    if (!this.connection.isClosed()) this.connection.publish(subject, body);
  }

  async #ask(call: string, body: object): Promise<Record<string, unknown> | undefined> {
    return (await this.#request(call, body))?.json<Record<string, unknown>>();
  }

  async #request(call: string, body: object) {
    try {
      return await this.connection.request(`${API}.${call}`, JSON.stringify(body), {
        timeout: REQUEST_MILLISECONDS,
      });
    } catch {
      return undefined; // NATS is broken as well, or the stream is not there
    }
  }
}
