import { SNAPSHOT_AUDIENCE } from '@latchkey/contracts';
import { KeyRing, signSnapshot } from '@latchkey/issuer';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createHash, randomUUID } from 'node:crypto';
import { SETTINGS, type Settings } from '../settings.js';
import { SnapshotQuery } from './snapshot-query.js';

/** A herd that starts at once shares one; who comes later gets a newer one. */
const KEPT_MILLISECONDS = 5_000;

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
    const { chunks, ...recorded } = await this.query.read();
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
}
