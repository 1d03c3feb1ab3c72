import { makeIssuer, startJwksServer, type JwksServer, type TestIssuer } from '@latchkey/testing';
import { createVerifier, type KeySetOptions, type Verifier } from '../src/index.js';

interface KeySetTestbed {
  readonly server: JwksServer;
  readonly issuer: TestIssuer;
  /** Closed after the test. */
  verifier: Verifier;
  /** Creates the verifier, which fetches the keys of the issuer from the server. */
  start(keySet?: KeySetOptions, now?: () => number): void;
}

/** Starts a key server for each test. */
export function useKeySet(): KeySetTestbed {
  const bed = {
    start(keySet = {}, now) {
      bed.verifier = createVerifier({
        issuer: bed.server.origin,
        audience: 'orders',
        revocations: 'ignore',
        keySet: { timeoutSeconds: 20, ...keySet },
        ...(now && { now }),
      });
    },
  } as { -readonly [Name in keyof KeySetTestbed]: KeySetTestbed[Name] };

  beforeEach(async () => {
    bed.server = await startJwksServer();
    bed.issuer = await makeIssuer({ issuer: bed.server.origin, audience: 'orders' });
    bed.server.serve(bed.issuer);
  });
  afterEach(async () => {
    bed.verifier.close();
    await bed.server.close();
  });
  return bed;
}
