/** The time for one call to another service: for its token, its attempts and the pauses between them. */
export const LONGEST_CALL_MILLISECONDS = 4_000;
