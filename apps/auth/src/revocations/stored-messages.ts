import {
  eventClaimsToMessage,
  REVOCATION_EVENT_AUDIENCE,
  REVOCATION_EVENT_TYPE,
  REVOCATION_STREAM,
  type FeedMessage,
} from '@latchkey/contracts';
import { KeyRing, SigningUnavailableError, type PublicSigningJwk } from '@latchkey/issuer';
import type { JetStreamManager } from '@nats-io/jetstream';
import { Inject, Injectable } from '@nestjs/common';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly data: string;
}

export type ReadMessage =
  | FeedMessage
  /** The signer was revoked, or neither the record nor this process knows it. The content is not verified. */
  | {
      readonly type: 'revoked_signer' | 'lost_signer';
      readonly unverified: FeedMessage | undefined;
    }
  | { readonly type: 'forged' };

/** Reads messages from the stream's leader, and verifies that this issuer has signed them. */
@Injectable()
export class StoredMessages {
  #keys: { of: readonly PublicSigningJwk[]; set: ReturnType<typeof createLocalJWKSet> } | undefined;

  constructor(
    private readonly ring: KeyRing,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: Pick<RevocationsModuleOptions, 'issuer'>,
  ) {}

  /** @returns undefined if the message has expired or was replaced under its subject */
  async at(manager: JetStreamManager, sequence: number): Promise<StoredMessage | undefined> {
    const found = await manager.streams.getMessage(REVOCATION_STREAM, { seq: sequence });
    return found
      ? { sequence: found.seq, subject: found.subject, data: found.string() }
      : undefined;
  }

  /** Whether the stream has a message with this subject. */
  async holds(manager: JetStreamManager, subject: string): Promise<boolean> {
    const query = { last_by_subj: subject };
    return (await manager.streams.getMessage(REVOCATION_STREAM, query)) !== null;
  }

  /** @throws SigningUnavailableError if the keys are not loaded yet, because every message would look forged */
  async read(jws: string): Promise<ReadMessage> {
    const published = this.#published();
    try {
      const { payload } = await jwtVerify(jws, published, {
        typ: REVOCATION_EVENT_TYPE,
        audience: REVOCATION_EVENT_AUDIENCE,
        issuer: this.options.issuer,
      });
      return eventClaimsToMessage(payload);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) return { type: 'forged' };
      const type = this.isSignerInRecord(jws) ? 'revoked_signer' : 'lost_signer';
      return { type, unverified: this.#unverified(jws) };
    }
  }

  /** False if only this process remembers the key, so no other one can verify the message. */
  isSignerInRecord(jws: string): boolean {
    const { kid } = decodeProtectedHeader(jws);
    return this.ring.states.some(({ keyId }) => keyId === kid);
  }

  #unverified(jws: string): FeedMessage | undefined {
    try {
      const claims = decodeJwt(jws);
      return claims.iss === this.options.issuer ? eventClaimsToMessage(claims) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Cached until the keys change, because the set caches the keys that it has imported. */
  #published(): ReturnType<typeof createLocalJWKSet> {
    const { loaded, unrevokedKeysSeen: keys } = this.ring;
    if (!loaded) throw new SigningUnavailableError('not_loaded');
    if (this.#keys?.of !== keys)
      this.#keys = { of: keys, set: createLocalJWKSet({ keys: [...keys] }) };
    return this.#keys.set;
  }
}
