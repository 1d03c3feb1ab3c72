/** Preferred ports; taken ones are dodged. */
export const REPLICA_PORTS = {
  auth: 4000,
  'auth-2': 4001,
  'orders-1': 4010,
  'orders-2': 4011,
  inventory: 4020,
  payments: 4030,
} as const;

/** A process of a service. `auth-2` is there only when it was asked for. */
export type AnyReplicaName = keyof typeof REPLICA_PORTS;
/** One that every stack has. */
export type ReplicaName = Exclude<AnyReplicaName, 'auth-2'>;
export type AppName = 'auth' | 'orders' | 'inventory' | 'payments';

/** The services that verify access tokens by themselves. */
export const VERIFYING_REPLICAS = ['orders-1', 'orders-2', 'inventory', 'payments'] as const;
/** Their programs; each is also a client of the auth service. */
export const VERIFYING_APPS = ['orders', 'inventory', 'payments'] as const;

export function replicaNames(authReplicas: 1 | 2): readonly AnyReplicaName[] {
  return ['auth', ...(authReplicas === 2 ? (['auth-2'] as const) : []), ...VERIFYING_REPLICAS];
}

const APPS: Readonly<Record<AnyReplicaName, AppName>> = {
  auth: 'auth',
  'auth-2': 'auth',
  'orders-1': 'orders',
  'orders-2': 'orders',
  inventory: 'inventory',
  payments: 'payments',
};

export const appOf = (name: AnyReplicaName): AppName => APPS[name];
