/** An error that the user can fix. It is printed without its stack. */
export class SetupError extends Error {
  name = 'SetupError';
}
