import { makeIssuer, type TestIssuer } from '@latchkey/testing';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { bearer, get, startApp, type PlatformName } from './guarded-app-fixture.js';
import type { VerifierModuleOptions } from '../src/index.js';

export const ISSUER = 'https://issuer.test';
export const OTHER_ISSUER = 'https://other.test';

/** The options by which a verifier trusts an issuer without fetching its keys. */
export const trustIn = (trusted: TestIssuer) => ({
  issuer: trusted.issuer,
  audience: 'orders',
  keys: () => Promise.resolve(trusted.jwks()),
});
export const optionsOf = (trusted: TestIssuer) =>
  ({ ...trustIn(trusted), revocations: 'ignore' }) satisfies VerifierModuleOptions;

interface TwoIssuers {
  readonly issuer: TestIssuer;
  readonly other: TestIssuer;
  readonly app: INestApplication;
  /** Starts the application of one test, which is closed after the test. */
  readonly start: (metadata: ModuleMetadata, platform?: PlatformName) => Promise<void>;
  readonly statusOf: (path: string, authorization?: string) => Promise<number>;
  /** The `Authorization` header with a new token. */
  readonly token: (scope?: string, from?: TestIssuer) => Promise<string>;
}

/** Makes two issuers for the test file. They need neither a key server nor a broker. */
export function useTwoIssuers(): TwoIssuers {
  let issuer: TestIssuer;
  let other: TestIssuer;
  let app: INestApplication | undefined;
  beforeAll(async () => {
    issuer = await makeIssuer({ issuer: ISSUER });
    other = await makeIssuer({ issuer: OTHER_ISSUER });
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });
  return {
    get issuer() {
      return issuer;
    },
    get other() {
      return other;
    },
    get app() {
      return app!;
    },
    start: async (metadata, platform = 'fastify') => {
      app = await startApp(platform, metadata);
    },
    statusOf: async (path, authorization) =>
      (await get(app!, path, ...(authorization === undefined ? [] : [authorization]))).status,
    token: async (scope = '', from = issuer) => bearer(await from.makeToken({ scope })),
  };
}
