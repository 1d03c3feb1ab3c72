import type { Fields, Output } from '../terminal/output.js';

/** A reply with a secret, unless the client has a key instead. */
interface PerhapsWithSecret {
  readonly clientSecret?: string | undefined;
}

/** The secret, if there is one. */
export const secretFields = ({ clientSecret }: PerhapsWithSecret): Fields =>
  clientSecret === undefined ? [] : [['secret', clientSecret]];

/** Auth keeps only a hash of the secret. */
export function noteSecretOnce(output: Output, { clientSecret }: PerhapsWithSecret): void {
  if (clientSecret !== undefined) output.note('The secret is not shown again.');
}
