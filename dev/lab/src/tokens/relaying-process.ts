/**
 * A service of the shop that relays the user's own token, as a process: every module is used as it is built, except
 * that calls carry the token of the request, and that no route asks which service calls. Changing it here means that
 * the services need no option that would make them relay tokens.
 */
import { ServiceTokens } from '@latchkey/service-client';
import { runMain, startService, type ServiceOptions } from '@latchkey/service-kit';
import { subjectTokenOf, type Principal } from '@latchkey/verifier';
import type { DynamicModule, Type } from '@nestjs/common';
import { relayingApp } from './config.js';

/** Apps export nothing to other projects, so their modules are imported from their builds. */
interface App {
  readonly config: () => unknown;
  readonly [options: `${string}Options`]: (
    config: unknown,
  ) => ServiceOptions & { readonly module: DynamicModule };
}

/** The metadata key of `@RequireActor()`. */
const REQUIRED_ACTORS = 'LATCHKEY:REQUIRED_ACTORS';

const APPS = new URL('../../../../apps/', import.meta.url);

runMain(async () => {
  const name = relayingApp();
  const app = await load(name);
  const makeOptions = app[`${name}Options`];
  if (!makeOptions) throw new Error(`there is no service '${name}'`);
  const service = makeOptions(app.config());
  relayTokens();
  const admitting = controllersOf(service.module).filter(admitUsers);
  // Orders has no such route, and all others do.
  if (name !== 'orders' && admitting.length === 0) throw new Error(`${name} asks nobody who calls`);
  return startService(service);
});

async function load(name: string): Promise<App> {
  const folder = new URL(`${name}/dist/`, APPS);
  const part = async (file: string) => (await import(new URL(file, folder).href)) as App;
  return { ...(await part('config.js')), ...(await part('service-options.js')) };
}

function relayTokens(): void {
  ServiceTokens.prototype.onBehalfOf = (user: Principal) => {
    const token = subjectTokenOf(user)?.token;
    return token === undefined
      ? Promise.reject(new Error('the principal has no token to relay'))
      : Promise.resolve(token);
  };
}

/** The user's own token names no actor. @returns whether the controller has asked for one */
function admitUsers(controller: Type): boolean {
  const prototype = controller.prototype as Readonly<Record<string, object>>;
  const handlers = Object.getOwnPropertyNames(prototype).map((name) => prototype[name]!);
  const deleted = [controller, ...handlers].map((target) =>
    Reflect.deleteMetadata(REQUIRED_ACTORS, target),
  );
  return deleted.includes(true);
}

const controllersOf = ({ module }: DynamicModule) =>
  (Reflect.getMetadata('controllers', module) ?? []) as readonly Type[];
