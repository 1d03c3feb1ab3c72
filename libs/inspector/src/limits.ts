/** The longest text that is searched for a token, in characters. Longer input is cut, and the answer says so. */
export const MAX_TEXT_CHARACTERS = 4_000_000;

/** How much clocks may differ unless something else is expected: as for `@latchkey/verifier`. */
export const DEFAULT_CLOCK_TOLERANCE_SECONDS = 5;
