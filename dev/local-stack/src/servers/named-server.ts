/** A server named in the environment cannot be used. The message says why, and what to do. */
export class NamedServerError extends Error {
  override readonly name = 'NamedServerError';
}
