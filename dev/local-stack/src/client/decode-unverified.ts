/** What tests read in access tokens. */
export interface UnverifiedToken {
  readonly header: { readonly kid: string };
  readonly claims: {
    readonly sub: string;
    readonly sid: string;
    readonly jti: string;
    readonly aud: string | readonly string[];
    readonly scope: string;
    /** The actor (RFC 8693 §4.1). */
    readonly act?: { readonly sub: string };
    /** Whole seconds since 1970. */
    readonly iat: number;
    readonly exp: number;
  };
}

/** Decodes an access token. Nothing is verified. */
export function decodeUnverified(token: string): UnverifiedToken {
  const [header, claims] = token
    .split('.', 2)
    .map((segment) => JSON.parse(Buffer.from(segment, 'base64url').toString()) as unknown);
  return { header, claims } as UnverifiedToken;
}
