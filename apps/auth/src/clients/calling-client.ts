import type { ClientStanding } from './client-store.js';

/** The client that calls an OAuth endpoint. */
export interface CallingClient {
  readonly clientId: string;
  /** Undefined for a public client, which cannot prove its identity. */
  readonly authenticated: ClientStanding | undefined;
}
