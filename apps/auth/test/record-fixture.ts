import { SigningKeyEntity } from '../src/keys/signing-key.entity.js';
import { TokenLifetimeEntity } from '../src/keys/token-lifetime.entity.js';
import { SigningKeys1700000001100 } from '../src/migrations/1700000001100-signing-keys.js';
import { Revocations1700000001200 } from '../src/migrations/1700000001200-revocations.js';
import { RevocationSerials1700000001400 } from '../src/migrations/1700000001400-revocation-serials.js';
import { RevocationSerialIndexes1700000001410 } from '../src/migrations/1700000001410-revocation-serial-indexes.js';
import { RevocationSerialUnique1700000001420 } from '../src/migrations/1700000001420-revocation-serial-unique.js';
import { RecordIdentity1700000001800 } from '../src/migrations/1700000001800-record-identity.js';
import { RevocationBacklogIndexes1700000001810 } from '../src/migrations/1700000001810-revocation-backlog-indexes.js';
import { TokenLifetimes1700000003300 } from '../src/migrations/1700000003300-token-lifetimes.js';
import { RevocationTraceparent1700000003900 } from '../src/migrations/1700000003900-revocation-traceparent.js';
import { RevocationStreamEntity } from '../src/revocations/revocation-stream.entity.js';
import { RevocationEntity } from '../src/revocations/revocation.entity.js';

/** The tables of keys and revocations, without those of users and sessions. */
export const RECORD = {
  entities: [SigningKeyEntity, TokenLifetimeEntity, RevocationEntity, RevocationStreamEntity],
  migrations: [
    SigningKeys1700000001100,
    Revocations1700000001200,
    RevocationSerials1700000001400,
    RevocationSerialIndexes1700000001410,
    RevocationSerialUnique1700000001420,
    RecordIdentity1700000001800,
    RevocationBacklogIndexes1700000001810,
    TokenLifetimes1700000003300,
    RevocationTraceparent1700000003900,
  ],
};
