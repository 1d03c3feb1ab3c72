/** Preferred ports. A replica gets another one if its port is in use. */
export const REPLICA_PORTS = {
  auth: 4000,
  'auth-2': 4001,
  'orders-1': 4010,
  'orders-2': 4011,
  inventory: 4020,
  payments: 4030,
} as const;

/** The name of a replica. `auth-2` exists only on request. */
export type AnyReplicaName = keyof typeof REPLICA_PORTS;
/** The name of a replica that every stack has. */
export type ReplicaName = Exclude<AnyReplicaName, 'auth-2'>;
export type AppName = 'auth' | 'orders' | 'inventory' | 'payments';

/** The replicas that verify access tokens locally. */
export const VERIFYING_REPLICAS = ['orders-1', 'orders-2', 'inventory', 'payments'] as const;
/** A protected route of each verifying replica that every user may read. */
export const PROTECTED_ROUTES = {
  'orders-1': '/orders',
  'orders-2': '/orders',
  inventory: '/products',
  payments: '/payments',
} as const satisfies Record<(typeof VERIFYING_REPLICAS)[number], string>;

/** The programs of the verifying replicas. Each is also an OAuth client of the auth service. */
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
