import type { Revocation } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SessionId, UserId } from '../platform/ids/stored-id.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRelay } from './revocation-relay.js';

/** The revocations of a transaction, and its result. */
export interface RevocationsAndResult<Result> {
  readonly revocations: readonly Revocation[];
  readonly result: Result;
}

export interface Committed {
  /**
   * The highest serial of the revocations if the stream holds all of them, `pending` if it does not yet, `none`
   * if nothing was revoked.
   */
  readonly serial: number | 'pending' | 'none';
  /** A time of `performance.now()`. */
  readonly committedAt: number;
}

type Ending = readonly { readonly id: SessionId }[] | { readonly userId: UserId };

export interface CommitOptions {
  /**
   * Sessions that the work ends, or the user whose sessions it ends. If they had already ended and their revocation
   * is not on the stream yet, the serial is `pending` instead of `none`.
   */
  readonly ending?: Ending;
  readonly beforePublication?: () => Promise<void>;
  /** `background` does not wait for publication; the serial is always `pending`. */
  readonly publication?: 'awaited' | 'background';
}

/**
 * The only way to revoke: commits a transaction that records revocations, then publishes them. A revocation
 * exists from the commit on (ADR 0003). Publication never fails: if NATS does not acknowledge it within about a
 * second, the relay publishes it later.
 */
@Injectable()
export class Revocations {
  constructor(
    private readonly dataSource: DataSource,
    private readonly relay: RevocationRelay,
    private readonly outbox: RevocationOutbox,
  ) {}

  /** @param work records revocations in the transaction and returns them */
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
    work: (manager: EntityManager) => Promise<RevocationsAndResult<Result>>,
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

  async #stateOfEarlier(ended: Ending): Promise<'pending' | 'none'> {
    if (!('userId' in ended) && ended.length === 0) return 'none';
    const of = 'userId' in ended ? ended : ended.map(({ id }) => id);
    return (await this.outbox.isPending(of)) ? 'pending' : 'none';
  }
}
