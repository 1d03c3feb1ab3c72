import { SNAPSHOT_AUDIENCE } from '@latchkey/contracts';
import { KeyRing, signSnapshot } from '@latchkey/issuer';
import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { SETTINGS, type Settings } from '../platform/settings.js';
import { SnapshotQuery } from './snapshot-query.js';

/** A herd that starts at once shares one; who comes later gets a newer one. */
const KEPT_MILLISECONDS = 5_000;
/** In one line of the log. */
const MOST_NAMED = 10;

export interface Snapshot {
  /** The first line and the digests. */
  readonly head: Buffer;
  readonly chunks: readonly Buffer[];
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

/** The last snapshot, while it is worth keeping: some 44 MB for a million revocations. */
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

  /** @throws when the database or the signing key is away */
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
      this.#dropping = setTimeout(() => this.#drop(), KEPT_MILLISECONDS).unref();
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
    this.#tellOf(leftOut);
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

  /** They are counted in the head, so that no verifier takes this snapshot for a complete one. */
  #tellOf(leftOut: readonly string[]): void {
    if (leftOut.length === 0) return;
    this.log.error(
      { revocations: leftOut.slice(0, MOST_NAMED), count: leftOut.length },
      'rows of the table revocations have an empty or overlong name or a negative time and cannot ' +
        'be put into a snapshot, which no verifier takes for complete until they are corrected',
    );
  }
}
