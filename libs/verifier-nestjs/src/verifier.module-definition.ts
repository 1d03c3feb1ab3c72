import type { FeedEvent, RevocationFeedOptions } from '@latchkey/deny-list-nats';
import type { RevocationOptions, VerifierOptions, WhenStale } from '@latchkey/verifier';
import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Where revocations come from: NATS as the auth service's `deploy/nats.conf` sets it up. */
export type FeedConnection = Pick<
  RevocationFeedOptions,
  'servers' | 'user' | 'password' | 'authenticator' | 'tls' | 'name' | 'snapshot'
>;

type OwnOptions<Options> = Options extends unknown
  ? Omit<Options, keyof AllRevocationOptions>
  : never;
type AllRevocationOptions = { [Name in keyof (RevocationOptions & object)]: unknown } & {
  maxStalenessSeconds: unknown;
};

/** Options of {@link VerifierModule}: those of `createVerifier`, with a feed instead of a list. */
export type VerifierModuleOptions = OwnOptions<VerifierOptions> & {
  /** Told of what the feed does, for logs and metrics. */
  readonly onFeedEvent?: (event: FeedEvent) => void;
  /**
   * Where tokens may also come in a `__Host-access-token` cookie: the origins of the pages that may use
   * it, such as `https://shop.example.com`. Default: they may not.
   */
  readonly cookieOrigins?: readonly string[];
} & (
    | {
        readonly feed: FeedConnection;
        readonly revocations?: never;
        /** No default: whoever sets a verifier up chooses. */
        readonly whenStale: WhenStale;
        /** Default 5. */
        readonly maxStalenessSeconds?: number;
      }
    /** Accept tokens until they expire, even if they were revoked. */
    | {
        readonly revocations: 'ignore';
        readonly feed?: never;
        readonly whenStale?: never;
      }
  );

/** What {@link VerifierModule} extends, and the token that its options are injected by. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: VERIFIER_OPTIONS } =
  new ConfigurableModuleBuilder<VerifierModuleOptions>({ moduleName: 'Verifier' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();
