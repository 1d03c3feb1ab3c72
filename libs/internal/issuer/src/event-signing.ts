import { REVOCATION_EVENT_TYPE, type RevocationEventClaims } from '@latchkey/contracts';
import { SignJWT } from 'jose';
import type { SigningKey } from './signing-key.js';

/** Signs a Security Event Token (RFC 8417, `typ: secevent+jwt` per §2.3). */
export function signEvent(claims: RevocationEventClaims, key: SigningKey): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: key.algorithm, typ: REVOCATION_EVENT_TYPE, kid: key.keyId })
    .sign(key.privateKey);
}
