/**
 * Injects the data source of the relay, the signing keys and snapshots: connections that no request can
 * take away from them (ADR 0030).
 */
export const RELAY_DATABASE = Symbol('LATCHKEY:RELAY_DATABASE');
