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

/** A session that the adversary tries to end. */
export interface Target {
  readonly sessionId: string;
  readonly subject: string;
}

/**
 * An adversary with auth's NATS password, but none of its keys. Its requests may fail because NATS is
 * broken at the same time; that is ignored.
 */
export class Adversary {
  private constructor(
    private readonly connection: NatsConnection,
    private readonly issuer: TestIssuer,
    private readonly random: Random,
  ) {}

  /** @returns undefined if NATS cannot be reached */
  static async connect(
    credentials: NatsCredentials,
    issuer: string,
    random: Random,
  ): Promise<Adversary | undefined> {
    try {
      const connection = await connect({ ...credentials, reconnect: false, timeout: 1_000 });
      return new Adversary(connection, await makeIssuer({ issuer }), random);
    } catch {
      return undefined; // NATS is down or frozen at the same time.
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  /** Reads the last messages of the stream, including old watermarks. */
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

  /** Publishes messages twice in random order, some of them on another message's subject. */
  replay(messages: readonly Stored[]): void {
    for (const { subject, body } of this.random.shuffled([...messages, ...messages]))
      this.#publish(this.random.chance(0.1) ? this.random.pick(messages).subject : subject, body);
  }

  /** Publishes garbage, and events of this issuer with foreign signatures. */
  async forge(targets: readonly Target[], keyId: string): Promise<void> {
    this.#publish(`latchkey.revocations.session.${randomUUID()}`, randomBytes(500));
    this.#publish(WATERMARK_SUBJECT, new TextEncoder().encode('{"time":0}'));
    for (const header of [{}, { kid: keyId }]) {
      await this.#publishWatermark(header);
      for (const { sessionId, subject } of targets)
        await this.#publishRevocation(header, { sessionId, subject });
    }
  }

  /** Changes the stream's configuration, as an operator might by mistake. */
  async reconfigure(edit: StreamEdit): Promise<void> {
    const info = await this.#ask(`STREAM.INFO.${REVOCATION_STREAM}`, {});
    const config = info?.['config'] ?? {};
    await this.#ask(`STREAM.UPDATE.${REVOCATION_STREAM}`, { ...config, ...changeOf(edit) });
  }

  async #publishRevocation(header: object, { sessionId, subject }: Target): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    const id = randomUUID();
    const { issuer } = this.issuer;
    const event = { issuer, id, revokedAt: now, expiresAt: now + 600, trigger: 'logout' };
    const revocation = { ...event, kind: 'session' as const, sessionId, subject };
    const serial = this.random.integer(1, 1_000_000);
    const claims = revocationToEventClaims(revocation, serial);
    await this.#publishSigned(revocationSubject({ kind: 'session', id }, serial), header, claims);
  }

  /** Claims revocations that do not exist, at a time in the future. */
  async #publishWatermark(header: object): Promise<void> {
    const timeMilliseconds = Date.now() + 3_600_000;
    const claims = watermarkToEventClaims(
      {
        issuer: this.issuer.issuer,
        timeMilliseconds,
        issuedAt: Math.floor(timeMilliseconds / 1000),
        serials: { from: 1, through: 1_000_000 },
        revokedKeys: [],
        sequence: 0,
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
      return undefined; // NATS is broken at the same time, or there is no stream.
    }
  }
}
