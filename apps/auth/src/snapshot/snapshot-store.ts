import { SNAPSHOT_AUDIENCE } from '@latchkey/contracts';
import { KeyRing, signSnapshot } from '@latchkey/issuer';
import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { SETTINGS, type Settings } from '../platform/settings.js';
import { logUnreadable } from '../revocations/unreadable-rows.js';
import { SnapshotQuery } from './snapshot-query.js';

/** Short, but long enough for verifiers that start together to share one snapshot. */
const CACHE_MILLISECONDS = 5_000;

export interface Snapshot {
  /** The signed line and the digests of the chunks. */
  readonly head: Buffer;
  readonly chunks: readonly Buffer[];
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

/** Caches the latest snapshot for a few seconds. It takes about 44 MB for a million revocations. */
@Injectable()
export class SnapshotStore implements OnApplicationShutdown {
  #current: Promise<Snapshot> | undefined;
  #dropping: NodeJS.Timeout | undefined;

  constructor(
    private readonly query: SnapshotQuery,
    private readonly ring: KeyRing,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** @throws if the database or the signing key is unavailable */
  current(): Promise<Snapshot> {
    this.#current ??= this.#make();
    return this.#current;
  }

  onApplicationShutdown(): void {
    this.#drop();
  }

  async #make(): Promise<Snapshot> {
    try {
      const snapshot = await this.#build();
      this.#dropping = setTimeout(() => this.#drop(), CACHE_MILLISECONDS).unref();
      return snapshot;
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  #drop(): void {
    clearTimeout(this.#dropping);
    this.#current = undefined;
  }

  async #build(): Promise<Snapshot> {
    const key = this.ring.signingKey();
    const { chunks, leftOut, ...recorded } = await this.query.read();
    this.#logLeftOut(leftOut);
    const digests = Buffer.concat(chunks.map(sha256));
    const claims = {
      iss: this.settings.issuer,
      iat: Math.floor(recorded.time_ms / 1000),
      jti: randomUUID(),
      aud: SNAPSHOT_AUDIENCE,
      ...recorded,
      chunks: chunks.length,
      digest: sha256(digests).toString('base64url'),
    } as const;
    const line = Buffer.from(`${await signSnapshot(claims, key)}\n`);
    return { head: Buffer.concat([line, digests]), chunks };
  }

  /** The claims count these rows too, so that verifiers see that the snapshot is incomplete. */
  #logLeftOut(leftOut: readonly string[]): void {
    if (leftOut.length === 0) return;
    logUnreadable(
      this.log,
      leftOut,
      'are missing from the snapshot. Correct or delete them: until then verifiers treat snapshots as incomplete',
    );
  }
}
