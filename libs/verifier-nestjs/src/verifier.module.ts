import { DenyList } from '@latchkey/deny-list';
import { createVerifier, Verifier, type VerifierOptions } from '@latchkey/verifier';
import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AccessTokenExceptionFilter } from './access-token.filter.js';
import { AccessTokenGuard } from './access-token.guard.js';
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
      provide: DenyList,
      inject: [VERIFIER_OPTIONS],
      useFactory: ({ clockToleranceSeconds }: VerifierModuleOptions) =>
        new DenyList(clockToleranceSeconds === undefined ? {} : { clockToleranceSeconds }),
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
  exports: [AccessTokenGuard, DenyList, Verifier, VerifierLifecycle],
})
export class VerifierModule extends ConfigurableModuleClass {}

function verifierOptions(options: VerifierModuleOptions, denyList: DenyList): VerifierOptions {
  const { feed, whenStale, ...own } = options;
  const revocations =
    feed === 'none' ? { revocations: 'unchecked' } : { revocations: denyList, whenStale };
  return { ...own, ...revocations } as VerifierOptions;
}
