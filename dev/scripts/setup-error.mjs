/** Something that the user has to mend; printed without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}
