import { DenyList } from '@latchkey/deny-list';
import { createVerifier, Verifier, type VerifierOptions } from '@latchkey/verifier';
import { Module } from '@nestjs/common';
import { APP_FILTER, ModulesContainer } from '@nestjs/core';
import { AccessTokenCookie } from './access-token-cookie.js';
import { AccessTokenExceptionFilter } from './access-token.filter.js';
import { AccessTokenGuard } from './access-token.guard.js';
import { logTrouble } from './log-trouble.js';
import { VerifierLifecycle } from './verifier-lifecycle.js';
import {
  ConfigurableModuleClass,
  VERIFIER_OPTIONS,
  type VerifierModuleOptions,
} from './verifier.module-definition.js';

/** The verifier with its deny-list and feed, for one application. */
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
export class VerifierModule extends ConfigurableModuleClass {
  constructor(modules: ModulesContainer) {
    super();
    refuseTwoGlobals(modules);
  }
}

/** Which of the two a guard gets would depend on the order of imports. */
function refuseTwoGlobals(modules: ModulesContainer): void {
  const all = [...modules.values()].filter(({ metatype }) => metatype === VerifierModule);
  if (all.filter(({ isGlobal }) => isGlobal).length < 2) return;
  throw new Error(
    'there are two global VerifierModules: name both issuers in the `issuers` of one, ' +
      'or set `isGlobal: false` and import each where it is meant',
  );
}

/** @throws TypeError unless the options have either a feed or `revocations: 'ignore'` */
function verifierOptions(options: VerifierModuleOptions, denyList: DenyList): VerifierOptions {
  const { feed, revocations, whenStale, ...own } = { onWarning: logTrouble, ...options };
  if ((feed === undefined) !== (revocations === 'ignore'))
    throw new TypeError("VerifierModule needs either feed or revocations: 'ignore'");
  const checked = feed ? { revocations: denyList, whenStale } : { revocations };
  return { ...own, ...checked } as VerifierOptions;
}
