import { fileURLToPath } from 'node:url';

/** The root of this checkout, with a slash at its end. */
export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
