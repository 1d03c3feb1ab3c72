import type { FeedEvent, RevocationFeedOptions } from '@latchkey/deny-list-nats';
import type { RevocationOptions, VerifierOptions, WhenStale } from '@latchkey/verifier';
import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Connection to the NATS server from which revocations are received. */
export type FeedConnection = Pick<
  RevocationFeedOptions,
  'servers' | 'user' | 'password' | 'authenticator' | 'tls' | 'name' | 'snapshot'
>;

type OwnOptions<Options> = Options extends unknown ? Omit<Options, keyof RevocationOptions> : never;

/** Options of {@link VerifierModule}: those of `createVerifier`, with a NATS feed in place of a deny-list. */
export type VerifierModuleOptions = OwnOptions<VerifierOptions> & {
  /** Called for each event of the revocation feed, for logs and metrics. Needs `feed`. */
  readonly onFeedEvent?: (event: FeedEvent) => void;
  /**
   * Accept access tokens in a `__Host-access-token` cookie as well, from pages of these origins, such as
   * `https://shop.example.com`: all https or, for development, all http on localhost. Default: bearer
   * tokens only.
   */
  readonly cookieOrigins?: readonly string[];
} & (
    | {
        /** The NATS server from which the module receives revocations, in a deny-list that it creates. */
        readonly feed: FeedConnection;
        readonly revocations?: never;
        /**
         * What to do while the deny-list is stale: `accept` tokens, `refuse` them with 503, or `ask` the
         * issuer about each one. Required: the choice is yours. A feed carries the revocations of one
         * issuer; tokens of another are always stale.
         */
        readonly whenStale: WhenStale;
        /** The deny-list is stale this many seconds after its newest watermark. Default: 5. */
        readonly maxStalenessSeconds?: number;
      }
    /** Accept tokens until they expire, even if they were revoked. */
    | {
        readonly revocations: 'ignore';
        readonly feed?: never;
        readonly whenStale?: never;
        readonly maxStalenessSeconds?: never;
      }
  );

/** Base class of {@link VerifierModule}, and the injection token of its options. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: VERIFIER_OPTIONS } =
  new ConfigurableModuleBuilder<VerifierModuleOptions>({ moduleName: 'Verifier' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();
