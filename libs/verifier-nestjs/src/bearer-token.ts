/** What both platforms' requests have. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Fastify keeps Node's request here. */
  readonly raw?: { readonly rawHeaders?: readonly string[] };
  /** Express's request is Node's. */
  readonly rawHeaders?: readonly string[];
}

export type BearerToken =
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'missing' }
  | { readonly type: 'malformed'; readonly detail: string };

/**
 * RFC 6750 §2.1: the scheme in any case, one space or more, one token. What a token is made of is
 * for the verifier to judge: whatever is no token gets 401, as every other bad token does.
 */
const BEARER = /^bearer +([\x21-\x7e]+)$/i;

/**
 * The bearer token of a request: from the `Authorization` header, which must be there once. A token
 * in a query or a body (RFC 6750 §2.2, §2.3) ends up in logs and histories, and is not read.
 */
export function readBearerToken(request: HttpRequest): BearerToken {
  if (countAuthorizationHeaders(request) > 1) {
    return { type: 'malformed', detail: 'Authorization must be sent once' };
  }
  const header = request.headers['authorization'];
  if (typeof header !== 'string') return { type: 'missing' };
  // Another scheme, or the scheme alone: no bearer token was sent.
  if (!/^bearer +\S/i.test(header)) return { type: 'missing' };
  const token = BEARER.exec(header)?.[1];
  if (token === undefined)
    return { type: 'malformed', detail: 'Authorization is not Bearer <token>' };
  return { type: 'token', token };
}

/** Node drops the second of two in silence; only the raw list still has it. */
function countAuthorizationHeaders(request: HttpRequest): number {
  const names = request.raw?.rawHeaders ?? request.rawHeaders ?? [];
  let count = 0;
  for (let index = 0; index < names.length; index += 2) {
    const name = names[index]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  return count;
}
