import { SERVICE_REPLICAS, SERVICES } from './services.js';

/** A service that verifies access tokens. Each is also an OAuth client and a user of NATS. */
export type ServiceName = keyof typeof SERVICES;
export type AppName = 'auth' | ServiceName;
/** A replica that verifies access tokens locally. */
export type VerifyingReplicaName = (typeof SERVICE_REPLICAS)[number]['name'];
/** The name of a replica that every stack has. */
export type ReplicaName = 'auth' | VerifyingReplicaName;
/** The name of a replica. `auth-2` exists only on request. */
export type AnyReplicaName = ReplicaName | 'auth-2';

interface Replica {
  readonly app: AppName;
  readonly port: number;
}

const REPLICAS = {
  auth: { app: 'auth', port: 4000 },
  'auth-2': { app: 'auth', port: 4001 },
  ...Object.fromEntries(SERVICE_REPLICAS.map(({ name, ...replica }) => [name, replica])),
} as Readonly<Record<AnyReplicaName, Replica>>;

export const SERVICE_NAMES = Object.keys(SERVICES) as readonly ServiceName[];
export const VERIFYING_REPLICAS: readonly VerifyingReplicaName[] = SERVICE_REPLICAS.map(
  ({ name }) => name,
);

export const appOf = (name: AnyReplicaName): AppName => REPLICAS[name].app;

/** A replica gets another port if its preferred one is in use. */
export const preferredPortOf = (name: AnyReplicaName): number => REPLICAS[name].port;

/** The first replica of a service, which other services of the stack call. */
export const firstReplicaOf = (service: ServiceName): VerifyingReplicaName =>
  VERIFYING_REPLICAS.find((name) => appOf(name) === service) as VerifyingReplicaName;

/** A protected route of each verifying replica that every user may read. */
export const PROTECTED_ROUTES = Object.fromEntries(
  SERVICE_REPLICAS.map(({ name, app }) => [name, SERVICES[app].sampleRoute]),
) as Readonly<Record<VerifyingReplicaName, string>>;

export function replicaNames(authReplicas: 1 | 2): readonly AnyReplicaName[] {
  return ['auth', ...(authReplicas === 2 ? (['auth-2'] as const) : []), ...VERIFYING_REPLICAS];
}
