/**
 * Injection token for the data source of the relay, the signing keys and snapshots. Its connections are
 * separate, so that requests cannot starve them (ADR 0030).
 */
export const RELAY_DATABASE = Symbol('LATCHKEY:RELAY_DATABASE');
