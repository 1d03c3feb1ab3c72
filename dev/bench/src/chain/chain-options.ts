/** What both services of the chain need to verify tokens. */
export interface ChainOptions {
  readonly issuer: string;
  readonly feed: { readonly servers: string; readonly user: string; readonly password: string };
  readonly trustDomain: string;
}

/** What orders needs besides, to call inventory. */
export interface OrdersOptions extends ChainOptions {
  readonly clientSecret: string;
  readonly inventoryUrl: string;
}

/** How orders calls inventory, and the path of orders that does so. */
export const CHAIN_ROUTES = {
  relayByFetch: '/relay-by-fetch',
  relayByClient: '/relay-by-client',
  exchange: '/exchange',
  transaction: '/transaction',
} as const;

export const ORDERS = 'orders';
export const INVENTORY = 'inventory';
/** The scope that the call needs, and with which `deploy/services.json` lets orders act for users. */
export const CHAIN_SCOPE = 'inventory:write';
