// Generated from deploy/services.json and deploy/templates/services.ts.ejs by: npm run generate

/** The services that verify access tokens, with every setting of the services file. */
export const SERVICES = {
  orders: {
    port: 4010,
    sampleRoute: '/orders',
    idempotentRoutes: ['/orders'],
    localReplicas: 2,
    maxReplicas: 4,
    scopes: {
      user: ['orders:read', 'orders:write'],
      admin: ['orders:admin'],
      service: ['orders:reconcile'],
    },
    callsForUsers: { inventory: ['inventory:write'], payments: ['payments:write'] },
    callsAsItself: { payments: ['payments:settle'] },
  },
  inventory: {
    port: 4020,
    sampleRoute: '/products',
    idempotentRoutes: [],
    localReplicas: 1,
    maxReplicas: 1,
    scopes: {
      user: ['inventory:read', 'inventory:write'],
      admin: ['inventory:admin'],
      service: [],
    },
    callsForUsers: {},
    callsAsItself: { orders: ['orders:reconcile'] },
  },
  payments: {
    port: 4030,
    sampleRoute: '/payments',
    idempotentRoutes: [],
    localReplicas: 1,
    maxReplicas: 1,
    scopes: {
      user: ['payments:read', 'payments:write'],
      admin: ['payments:admin'],
      service: ['payments:settle'],
    },
    callsForUsers: {},
    callsAsItself: {},
  },
} as const;

/** The local replicas of these services. The port is the preferred one. */
export const SERVICE_REPLICAS = [
  { name: 'orders-1', app: 'orders', port: 4010 },
  { name: 'orders-2', app: 'orders', port: 4011 },
  { name: 'inventory', app: 'inventory', port: 4020 },
  { name: 'payments', app: 'payments', port: 4030 },
] as const;
