import { Injectable } from '@nestjs/common';
import { KeyWithdrawal, type AlongWithKey } from './key-withdrawal.js';
import { RevocationRelay } from './revocation-relay.js';

/** What became of the wish to revoke a key. */
export type KeyRevocationOutcome =
  | { readonly revoked: true; readonly position?: string }
  /** No published key has this id. */
  | { readonly revoked: false };

/** Withdraws a signing key everywhere: its successor signs, its tokens are refused, its events signed anew. */
@Injectable()
export class SigningKeyRevocation {
  constructor(
    private readonly withdrawal: KeyWithdrawal,
    private readonly relay: RevocationRelay,
  ) {}

  async revoke(keyId: string, along?: AlongWithKey): Promise<KeyRevocationOutcome> {
    const revocations = await this.withdrawal.withdraw(keyId, along);
    if (!revocations) return { revoked: false };
    return { revoked: true, ...(await this.relay.publishNow(revocations)) };
  }
}
