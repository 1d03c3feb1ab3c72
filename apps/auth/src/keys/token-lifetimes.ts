import type { DataSource, EntityManager } from 'typeorm';
import type { ServiceClock } from '../platform/clock/service-clock.js';
import {
  LONGEST_TOKEN_LIFETIME_SECONDS,
  streamMaxAgeSeconds,
} from '../platform/revocation-lifetime.js';
import type { KeysModuleOptions } from './keys.module-definition.js';

/** A lifetime, and up to which `iat` tokens may have been issued with it. Seconds. */
export interface NotedLifetime {
  readonly lifetimeSeconds: number;
  readonly issuedUntil: number;
}

/** Noted this far ahead, so that replicas seldom write and no request waits for it. */
const NOTED_AHEAD_SECONDS = 300;
const RENEWED_AHEAD_SECONDS = 120;

/** An older reading may miss the lifetime of a replica that has started since. */
const LONGEST_UNREAD_MILLISECONDS = 30_000;

/**
 * When the last token expires that can have been issued by the moment `at`, an expression of SQL: for
 * the statement that needs it, because a replica notes its lifetime before it issues anything.
 */
export const lastTokenExpires = (at: string, ownLifetime: string): string =>
  `greatest(${at} + ${ownLifetime},
            (SELECT max(least(${at}, issued_until) + lifetime_seconds) FROM token_lifetimes))`;

/**
 * The longest lifetime of which a token, or its revocation on the stream, may be left. The stream is
 * shortened only afterwards, so that nothing live is too old for it.
 */
export function longestAt(noted: readonly NotedLifetime[], now: number): number {
  const lasting = noted.filter(
    ({ lifetimeSeconds, issuedUntil }) => issuedUntil + streamMaxAgeSeconds(lifetimeSeconds) >= now,
  );
  return Math.max(0, ...lasting.map(({ lifetimeSeconds }) => lifetimeSeconds));
}

/**
 * Postgres remembers with which lifetimes tokens were issued, and until when: the setting of one
 * replica says nothing about the tokens of another, nor about those that were issued before it was
 * changed (ADR 0038).
 */
export class TokenLifetimes {
  #noted: readonly NotedLifetime[] = [];
  #readAt = -Infinity;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
    private readonly options: Pick<KeysModuleOptions, 'accessTokenLifetimeSeconds'>,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  /** The lifetime that keys, the stream and housekeeping use. While it is unknown, the longest allowed one. */
  get longestSeconds(): number {
    if (!this.#isRead) return LONGEST_TOKEN_LIFETIME_SECONDS;
    return Math.max(
      this.options.accessTokenLifetimeSeconds,
      longestAt(this.#noted, this.clock.seconds()),
    );
  }

  /** Called every few seconds. Renews what this replica has noted well before it runs out. */
  async refresh(): Promise<void> {
    await this.read();
    const now = this.clock.seconds();
    if (this.#ownUntil < now + RENEWED_AHEAD_SECONDS) await this.#note(now);
  }

  /** Before a token with this `iat` leaves the service. */
  async cover(iat: number): Promise<void> {
    if (this.#ownUntil < iat) await this.#note(iat);
  }

  async read(): Promise<void> {
    const asked = this.monotonicNow();
    this.#noted = await this.dataSource.query<NotedLifetime[]>(
      `SELECT lifetime_seconds AS "lifetimeSeconds", issued_until::float8 AS "issuedUntil"
       FROM token_lifetimes`,
    );
    this.#readAt = asked;
  }

  /** After a read that is too old to go by. */
  async readUnlessKnown(): Promise<void> {
    if (!this.#isRead) await this.read();
  }

  /** The record is older than what was issued since: every lifetime that it knows counts until now. */
  async extendAll(manager: EntityManager): Promise<void> {
    await manager.query(
      'UPDATE token_lifetimes SET issued_until = greatest(issued_until, $1::bigint)',
      [this.clock.latestSeconds()],
    );
  }

  get #isRead(): boolean {
    return this.monotonicNow() - this.#readAt <= LONGEST_UNREAD_MILLISECONDS;
  }

  /** As Postgres said last, so that a record that was restored since is soon put right. */
  get #ownUntil(): number {
    const { accessTokenLifetimeSeconds: own } = this.options;
    const found = this.#noted.find(({ lifetimeSeconds }) => lifetimeSeconds === own);
    return found?.issuedUntil ?? -Infinity;
  }

  async #note(iat: number): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO token_lifetimes AS noted (lifetime_seconds, issued_until) VALUES ($1, $2)
       ON CONFLICT (lifetime_seconds) DO UPDATE
       SET issued_until = greatest(noted.issued_until, excluded.issued_until)`,
      [this.options.accessTokenLifetimeSeconds, iat + NOTED_AHEAD_SECONDS],
    );
    await this.read();
  }
}
