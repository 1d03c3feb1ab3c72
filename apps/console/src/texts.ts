import { shell } from './texts/shell.js';

/** Every text of the console, so that all of them can be read, changed or translated in one place. */
export const texts = { shell } as const;
