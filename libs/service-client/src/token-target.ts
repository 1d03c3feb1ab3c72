/** What a token is to be good for. */
export interface TokenTarget {
  readonly audience: string;
  readonly scopes: readonly string[];
}
