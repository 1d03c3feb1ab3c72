/** The service and the scopes that a token is for. */
export interface TokenTarget {
  readonly audience: string;
  readonly scopes: readonly string[];
}
