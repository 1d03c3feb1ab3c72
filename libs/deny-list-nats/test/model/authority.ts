import type { RevocationEventClaims } from '@latchkey/contracts';

/** The signer. Messages that it did not sign do not verify. */
export class Authority {
  readonly signed = new Map<string, RevocationEventClaims>();
  key = 1;

  sign(claims: RevocationEventClaims): string {
    const text = `key${String(this.key)}.${String(this.signed.size)}`;
    this.signed.set(text, claims);
    return text;
  }
}
