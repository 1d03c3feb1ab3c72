import { decodeToken } from '@latchkey/inspector';

/** What the page shows of an access token. Nothing is verified: the services do that. */
export interface ShownClaims {
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  /** Who acts for the user; undefined in a token that the user got directly. */
  readonly actor: string | undefined;
  readonly keyId: string | undefined;
  /** In milliseconds since 1970; undefined if the token does not say. */
  readonly expiresAt: number | undefined;
  readonly bytes: number;
}

/** Reads the claims that say what a token is good for. A token that cannot be read has none. */
export function shownClaims(token: string): ShownClaims {
  const { header, claims } = decodeToken(token);
  const [audience, scope, actor] = [claims?.['aud'], claims?.['scope'], claims?.['act']];
  const expiry = claims?.['exp'];
  const keyId = header?.['kid'];
  return {
    audience: [audience].flat().filter((name) => typeof name === 'string'),
    scopes: typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [],
    actor: subjectOf(actor),
    keyId: typeof keyId === 'string' ? keyId : undefined,
    expiresAt: typeof expiry === 'number' ? expiry * 1_000 : undefined,
    bytes: token.length,
  };
}

const subjectOf = (actor: unknown): string | undefined =>
  typeof actor === 'object' && actor !== null && 'sub' in actor && typeof actor.sub === 'string'
    ? actor.sub
    : undefined;
