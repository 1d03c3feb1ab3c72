import { LessThan, type EntityManager, type Repository } from 'typeorm';
import type { ServiceClock } from '../platform/clock/service-clock.js';
import {
  LONGEST_TOKEN_LIFETIME_SECONDS,
  streamMaxAgeSeconds,
} from '../platform/revocation-lifetime.js';
import type { KeysModuleOptions } from './keys.module-definition.js';
import { TokenLifetimeEntity } from './token-lifetime.entity.js';

/** Lifetimes are recorded this far ahead, so that replicas rarely write and requests do not wait. */
const NOTED_AHEAD_SECONDS = 300;
const RENEWED_AHEAD_SECONDS = 120;

/** An older reading may miss the lifetime of a replica that has started since. */
const MAX_READ_AGE_MILLISECONDS = 30_000;

/**
 * SQL expression for the expiry of the last token that can have been issued by `at`. It is evaluated within the
 * statement, and is complete because replicas record their lifetime before they issue tokens.
 */
export const lastTokenExpires = (at: string, ownLifetime: string): string =>
  `greatest(${at} + ${ownLifetime},
            (SELECT max(least(${at}, issued_until) + lifetime_seconds) FROM token_lifetimes))`;

/**
 * The longest lifetime of tokens that may still exist, or whose revocations may still be on the stream. The
 * stream is shortened only afterwards, so that it drops nothing live.
 */
export function longestAt(noted: readonly TokenLifetimeEntity[], now: number): number {
  const lasting = noted.filter(
    ({ lifetimeSeconds, issuedUntil }) => issuedUntil + streamMaxAgeSeconds(lifetimeSeconds) >= now,
  );
  return Math.max(0, ...lasting.map(({ lifetimeSeconds }) => lifetimeSeconds));
}

/**
 * Records in Postgres which lifetimes tokens were issued with, and until when. The configuration of one replica
 * does not cover tokens of other replicas, or those issued before it changed (ADR 0038).
 */
export class TokenLifetimes {
  #noted: readonly TokenLifetimeEntity[] = [];
  #readAt = -Infinity;

  constructor(
    private readonly lifetimes: Repository<TokenLifetimeEntity>,
    private readonly clock: ServiceClock,
    private readonly options: Pick<KeysModuleOptions, 'accessTokenLifetimeSeconds'>,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  /** The longest lifetime of tokens that may still matter; the longest allowed one while that is unknown. */
  get longestSeconds(): number {
    if (!this.#isRead) return LONGEST_TOKEN_LIFETIME_SECONDS;
    return Math.max(
      this.options.accessTokenLifetimeSeconds,
      longestAt(this.#noted, this.clock.seconds()),
    );
  }

  /** Call every few seconds: extends the recorded period of this replica's lifetime well before it ends. */
  async refresh(): Promise<void> {
    await this.read();
    const now = this.clock.seconds();
    if (this.#ownUntil < now + RENEWED_AHEAD_SECONDS) await this.#note(now);
  }

  /** Call before a token with this `iat` leaves the service. */
  async cover(iat: number): Promise<void> {
    if (this.#ownUntil < iat) await this.#note(iat);
  }

  async read(): Promise<void> {
    const asked = this.monotonicNow();
    this.#noted = await this.lifetimes.find();
    this.#readAt = asked;
  }

  async readUnlessKnown(): Promise<void> {
    if (!this.#isRead) await this.read();
  }

  /** Extends every recorded lifetime to now, after the record has lost what was issued recently. */
  async extendAll(manager: EntityManager): Promise<void> {
    const issuedUntil = this.clock.latestSeconds();
    await manager.update(
      TokenLifetimeEntity,
      { issuedUntil: LessThan(issuedUntil) },
      { issuedUntil },
    );
  }

  get #isRead(): boolean {
    return this.monotonicNow() - this.#readAt <= MAX_READ_AGE_MILLISECONDS;
  }

  /** The last value read from Postgres, so that a restored database is corrected soon. */
  get #ownUntil(): number {
    const { accessTokenLifetimeSeconds: own } = this.options;
    const found = this.#noted.find(({ lifetimeSeconds }) => lifetimeSeconds === own);
    return found?.issuedUntil ?? -Infinity;
  }

  async #note(iat: number): Promise<void> {
    const { accessTokenLifetimeSeconds: lifetimeSeconds } = this.options;
    const isLater = { where: 'noted.issued_until < excluded.issued_until' };
    await this.lifetimes
      .createQueryBuilder('noted')
      .insert()
      .values({ lifetimeSeconds, issuedUntil: iat + NOTED_AHEAD_SECONDS })
      .orUpdate(['issued_until'], ['lifetime_seconds'], { overwriteCondition: isLater })
      .execute();
    await this.read();
  }
}
