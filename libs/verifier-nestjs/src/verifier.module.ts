import { DenyList } from '@latchkey/deny-list';
import {
  createVerifier,
  Verifier,
  type TrustedIssuer,
  type VerifierOptions,
  type WhenStale,
} from '@latchkey/verifier';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { APP_FILTER, ModulesContainer, Reflector } from '@nestjs/core';
import { AccessTokenCookie } from './access-token-cookie.js';
import { AccessTokenExceptionFilter } from './access-token.filter.js';
import { AccessTokenGuard } from './access-token.guard.js';
import { logWarning } from './log-warning.js';
import { checkRoutes } from './route-checks.js';
import { VerifierLifecycle } from './verifier-lifecycle.js';
import {
  ConfigurableModuleClass,
  VERIFIER_OPTIONS,
  type VerifierModuleOptions,
} from './verifier.module-definition.js';

/**
 * Provides the verifier, its deny-list and its revocation feed, and the guard that uses them.
 *
 * @example
 * VerifierModule.forRoot({
 *   issuer: 'https://auth.example.com',
 *   audience: 'orders',
 *   whenStale: 'refuse',
 *   feed: { servers: 'nats://nats.example.com:4222', user: 'orders', password },
 * });
 */
@Module({
  providers: [
    AccessTokenGuard,
    { provide: APP_FILTER, useClass: AccessTokenExceptionFilter },
    {
      provide: AccessTokenCookie,
      inject: [VERIFIER_OPTIONS],
      useFactory: ({ cookieOrigins }: VerifierModuleOptions) =>
        cookieOrigins && new AccessTokenCookie(cookieOrigins),
    },
    {
      provide: DenyList,
      inject: [VERIFIER_OPTIONS],
      useFactory: ({ clockToleranceSeconds, now }: VerifierModuleOptions) =>
        new DenyList({
          ...(clockToleranceSeconds !== undefined && { clockToleranceSeconds }),
          ...(now && { now }),
        }),
    },
    {
      provide: Verifier,
      inject: [VERIFIER_OPTIONS, DenyList],
      useFactory: (options: VerifierModuleOptions, denyList: DenyList) =>
        createVerifier(verifierOptions(options, denyList)),
    },
    {
      provide: VerifierLifecycle,
      inject: [VERIFIER_OPTIONS, Verifier, DenyList],
      useFactory: (...parts: ConstructorParameters<typeof VerifierLifecycle>) =>
        new VerifierLifecycle(...parts),
    },
  ],
  exports: [AccessTokenCookie, AccessTokenGuard, DenyList, Verifier, VerifierLifecycle],
})
export class VerifierModule extends ConfigurableModuleClass implements OnModuleInit {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly reflector: Reflector,
    @Inject(VERIFIER_OPTIONS) private readonly options: VerifierModuleOptions,
  ) {
    super();
    refuseTwoGlobals(modules);
  }

  /** Called by Nest. @throws TypeError that names a route whose decorators are wrong */
  onModuleInit(): void {
    checkRoutes(this.modules, this, this.reflector, (choice) =>
      missingOption(this.options, choice),
    );
  }
}

/** Without a feed, nothing is ever stale. To ask, every issuer needs introspection. */
function missingOption(options: VerifierModuleOptions, choice: WhenStale): string | undefined {
  if (!options.feed) return 'feed';
  const issuers: readonly TrustedIssuer[] = options.issuers ?? [options];
  const canAsk = issuers.every(({ introspection }) => introspection !== undefined);
  return choice === 'ask' && !canAsk ? 'introspection' : undefined;
}

/** With two global modules, the order of imports would decide which verifier a guard receives. */
function refuseTwoGlobals(modules: ModulesContainer): void {
  const all = [...modules.values()].filter(({ metatype }) => metatype === VerifierModule);
  if (all.filter(({ isGlobal }) => isGlobal).length < 2) return;
  throw new Error(
    'There are two global VerifierModules: list both issuers in the `issuers` of one, ' +
      'or set `isGlobal: false` and import each into its own feature module',
  );
}

/** @throws TypeError unless the options have either a feed or `revocations: 'ignore'` */
function verifierOptions(options: VerifierModuleOptions, denyList: DenyList): VerifierOptions {
  const { feed, revocations, whenStale, maxStalenessSeconds, ...own } = options;
  if ((feed === undefined) !== (revocations === 'ignore'))
    throw new TypeError("VerifierModule needs either feed or revocations: 'ignore'");
  // Not checked by the compiler, because plain JavaScript may pass any combination: createVerifier checks it.
  return {
    ...own,
    onWarning: options.onWarning ?? logWarning,
    revocations: feed ? denyList : revocations,
    whenStale,
    maxStalenessSeconds,
  } as VerifierOptions;
}
