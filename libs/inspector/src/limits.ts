/** The longest text that is searched for a token, in characters. Longer input is cut, and the answer says so. */
export const MAX_TEXT_CHARACTERS = 4_000_000;
