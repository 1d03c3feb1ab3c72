import { SERVICES } from './services.js';
import { SERVICE_NAMES, type ServiceName } from './stack-replicas.js';

/** The settings of a service without the literal types of the generated file. */
interface Settings {
  readonly scopes: Readonly<Record<'user' | 'admin' | 'service', readonly string[]>>;
  readonly callsForUsers: Calls;
  readonly callsAsItself: Calls;
}
type Calls = { readonly [callee in ServiceName]?: readonly string[] };

const settingsOf = (service: ServiceName): Settings => SERVICES[service];

/** A client's permissions at the token endpoint, in the notation of `OAUTH_CLIENTS`. */
export interface ClientPolicy {
  /** The scopes of its own tokens. */
  readonly scopes?: readonly string[];
  /** The scopes of tokens in exchange for a user's, for each audience. */
  readonly exchange?: Calls;
}

/** The services that a service calls, on behalf of users or as itself. */
export function calleesOf(service: ServiceName): readonly ServiceName[] {
  const { callsForUsers, callsAsItself } = settingsOf(service);
  return SERVICE_NAMES.filter(
    (name) => callsForUsers[name] !== undefined || callsAsItself[name] !== undefined,
  );
}

/** A call of one service to another for a user, and the scopes that it needs. */
export interface CallForUser {
  readonly from: ServiceName;
  readonly to: ServiceName;
  readonly scopes: readonly string[];
}

/** The calls that services make for users. */
export const callsForUsers = (): readonly CallForUser[] =>
  SERVICE_NAMES.flatMap((from) =>
    SERVICE_NAMES.flatMap((to) => {
      const scopes = settingsOf(from).callsForUsers[to];
      return scopes ? [{ from, to, scopes }] : [];
    }),
  );

/** The policy that follows from the calls of a service. */
export function policyOf(service: ServiceName): ClientPolicy {
  const { callsForUsers, callsAsItself } = settingsOf(service);
  const scopes = Object.values(callsAsItself).flat();
  return {
    ...(scopes.length > 0 && { scopes }),
    ...(Object.keys(callsForUsers).length > 0 && { exchange: callsForUsers }),
  };
}

type ScopeGroup = keyof Settings['scopes'];

export const scopesOf = (service: ServiceName, group: ScopeGroup): readonly string[] =>
  settingsOf(service).scopes[group];

/** The scopes of all services that a group has. */
export const scopesOfAll = (group: ScopeGroup): readonly string[] =>
  SERVICE_NAMES.flatMap((name) => scopesOf(name, group));

/** The scopes that each service knows, in the notation of `AUDIENCES`. */
export const audienceTable = (): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    SERVICE_NAMES.map((name) => [name, Object.values(settingsOf(name).scopes).flat()]),
  );
