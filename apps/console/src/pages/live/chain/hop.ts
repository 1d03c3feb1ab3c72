import type { StackHop } from '@latchkey/contracts/live';
import type { Answer } from '../calls/call.js';
import type { ShownClaims } from '../session/claims.js';

/** A call in the chain, and the claims of the token that it carries. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  /** Who acts for the user. */
  readonly actor: string | undefined;
}

/** The browser's own call. */
export const firstHop = (username: string, { audience, scopes, actor }: ShownClaims): Hop => ({
  ...{ from: username, to: 'orders', audience: audience.map(shortAudience), scopes, actor },
});

/** The calls between services, as the control server tells them. */
export const furtherHops = ({ status, body }: Pick<Answer, 'status' | 'body'>): readonly Hop[] =>
  status === 200 ? (body as { readonly hops: readonly StackHop[] }).hops : [];

/** Auth's own audience is its issuer, which is an address. */
const shortAudience = (audience: string): string => (URL.canParse(audience) ? 'auth' : audience);
