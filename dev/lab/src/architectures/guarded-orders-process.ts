/**
 * The orders service with a guard of the lab, as a process: every module of orders is used as it is
 * built, except for authentication. Composing it here means that the service itself needs no option
 * that would leave it unprotected.
 */
import { DenyList } from '@latchkey/deny-list';
import {
  CallerGuard,
  ServiceAuthenticationModule,
  type AuthenticationConfig,
} from '@latchkey/service-authentication';
import { runMain, startService, type ServiceOptions } from '@latchkey/service-kit';
import { Module, type CanActivate, type DynamicModule } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { guardConfig, type GuardConfig } from './config.js';
import { IntrospectionGuard, PassportJwtGuard, UnprotectedGuard } from './guards.js';

/** Apps export nothing to other projects, so orders' modules are imported from its build. */
interface Orders {
  readonly config: () => AuthenticationConfig;
  readonly ordersOptions: (
    config: AuthenticationConfig,
  ) => ServiceOptions & { readonly module: DynamicModule };
}

const ORDERS = new URL('../../../../apps/orders/dist/', import.meta.url);

type MakeGuard = (
  reflector: Reflector,
  config: AuthenticationConfig,
  options: GuardConfig,
) => CanActivate | Promise<CanActivate>;

const GUARDS: Readonly<Record<string, MakeGuard>> = {
  unprotected: (reflector, { ISSUER }) => new UnprotectedGuard(reflector, ISSUER),
  'passport-jwt': (reflector, config) => PassportJwtGuard.start(reflector, config),
  introspection: (reflector, config, { askMilliseconds }) =>
    new IntrospectionGuard(reflector, config, askMilliseconds),
};

/** Takes the place of `ServiceAuthenticationModule`. */
@Module({})
class GuardModule {}

function guardModule(config: AuthenticationConfig): DynamicModule {
  const options = guardConfig();
  const makeGuard = GUARDS[options.guard];
  if (!makeGuard) throw new Error(`there is no guard '${options.guard}'`);
  return {
    module: GuardModule,
    global: true,
    providers: [
      // Nothing fills it, because these guards hear of no revocations. Orders asks it before it calls others.
      { provide: DenyList, useFactory: () => new DenyList() },
      {
        provide: CallerGuard,
        inject: [Reflector],
        useFactory: (reflector: Reflector) => makeGuard(reflector, config, options),
      },
    ],
    exports: [CallerGuard, DenyList],
  };
}

runMain(async () => {
  const { config, ordersOptions } = await loadOrders();
  const settings = config();
  const service = ordersOptions(settings);
  const { imports = [] } = service.module;
  const others = imports.filter((each) => !isAuthentication(each));
  if (others.length !== imports.length - 1)
    throw new Error('orders does not import ServiceAuthenticationModule');
  return startService({
    ...service,
    module: { ...service.module, imports: [...others, guardModule(settings)] },
  });
});

async function loadOrders(): Promise<Orders> {
  const load = async (file: string) => (await import(new URL(file, ORDERS).href)) as Orders;
  return { ...(await load('config.js')), ...(await load('service-options.js')) };
}

const isAuthentication = (imported: unknown) =>
  (imported as Partial<DynamicModule>).module === ServiceAuthenticationModule;
