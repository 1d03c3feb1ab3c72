import type { Revocation } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SessionId } from '../platform/ids/stored-id.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRelay } from './revocation-relay.js';

/** What a transaction revoked, and what else it leaves. */
export interface Revoking<Result> {
  readonly revocations: readonly Revocation[];
  readonly result: Result;
}

export interface Committed {
  /**
   * The highest serial of the revocations once the stream holds all of them, `pending` until it does,
   * `none` if nothing was revoked.
   */
  readonly serial: number | 'pending' | 'none';
  /** By `performance.now()`. */
  readonly committedAt: number;
}

export interface CommitOptions {
  /**
   * Sessions that were to end. If they had ended before, and their revocation is not yet on the
   * stream, the serial is `pending` instead of `none`.
   */
  readonly ending?: readonly { readonly id: SessionId }[];
  readonly beforePublication?: () => Promise<void>;
  /** `background` for revocations that no answer mentions: their serial is `pending` at once. */
  readonly publication?: 'awaited' | 'background';
}

/**
 * The one way to revoke: a transaction that records revocations, then their publication. A revocation
 * exists from the commit on (ADR 0003). Publication never fails: the relay publishes later what NATS
 * does not acknowledge within about a second.
 */
@Injectable()
export class Revocations {
  constructor(
    private readonly dataSource: DataSource,
    private readonly relay: RevocationRelay,
    private readonly outbox: RevocationOutbox,
  ) {}

  /** @param work records revocations in the transaction, and returns them */
  commit(
    work: (manager: EntityManager) => Promise<readonly Revocation[]>,
    options?: CommitOptions,
  ): Promise<Committed> {
    return this.commitWith(
      async (manager) => ({ revocations: await work(manager), result: undefined }),
      options,
    );
  }

  /** Like {@link commit}, for work with a result besides its revocations. */
  async commitWith<Result>(
    work: (manager: EntityManager) => Promise<Revoking<Result>>,
    options: CommitOptions = {},
  ): Promise<Committed & { readonly result: Result }> {
    const { revocations, result } = await this.dataSource.transaction(work);
    const committedAt = performance.now();
    await options.beforePublication?.();
    return { serial: await this.#publish(revocations, options), committedAt, result };
  }

  async #publish(
    revocations: readonly Revocation[],
    { ending = [], publication = 'awaited' }: CommitOptions,
  ): Promise<Committed['serial']> {
    if (revocations.length === 0) return this.#stateOfEarlier(ending);
    const published = this.relay.publish(revocations);
    return publication === 'background' ? 'pending' : ((await published) ?? 'pending');
  }

  async #stateOfEarlier(ended: readonly { readonly id: SessionId }[]): Promise<'pending' | 'none'> {
    if (ended.length === 0) return 'none';
    return (await this.outbox.isPending(ended.map(({ id }) => id))) ? 'pending' : 'none';
  }
}
