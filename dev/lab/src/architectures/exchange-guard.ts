/**
 * Preloaded into a service: `--import=<this module>?guard=<name>`. Another guard then stands where the
 * service's own would; everything else is the service as it is built. So no service of ours has a
 * setting that leaves it unprotected.
 */
import {
  CallerGuard,
  ServiceAuthenticationModule,
  type AuthenticationConfig,
} from '@latchkey/service-authentication';
import type { CanActivate } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { IntrospectionGuard, PassportJwtGuard, UnprotectedGuard } from './guards.js';

const { guard: name = '', askMilliseconds } = Object.fromEntries(
  new URL(import.meta.url).searchParams,
);

const GUARDS: Readonly<
  Record<
    string,
    (reflector: Reflector, config: AuthenticationConfig) => CanActivate | Promise<CanActivate>
  >
> = {
  unprotected: (reflector, { ISSUER }) => new UnprotectedGuard(reflector, ISSUER),
  'passport-jwt': (reflector, config) => PassportJwtGuard.start(reflector, config),
  introspection: (reflector, config) =>
    new IntrospectionGuard(
      reflector,
      config,
      askMilliseconds ? Number(askMilliseconds) : undefined,
    ),
};

const makeGuard = GUARDS[name];
if (!makeGuard) throw new Error(`there is no guard '${name}'`);

ServiceAuthenticationModule.forRoot = (config) => ({
  module: ServiceAuthenticationModule,
  providers: [
    {
      provide: CallerGuard,
      inject: [Reflector],
      useFactory: (reflector: Reflector) => makeGuard(reflector, config),
    },
  ],
  exports: [CallerGuard],
});
