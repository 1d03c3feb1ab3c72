import { SNAPSHOT_TYPE, type SnapshotClaims } from '@latchkey/contracts';
import { SignJWT } from 'jose';
import type { SigningKey } from './signing-key.js';

/** Signs the header of a snapshot of all revocations. */
export function signSnapshot(claims: SnapshotClaims, key: SigningKey): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: key.algorithm, typ: SNAPSHOT_TYPE, kid: key.keyId })
    .sign(key.privateKey);
}
