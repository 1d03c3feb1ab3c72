import { decode } from './texts/decode.js';
import { findings } from './texts/findings.js';
import { keys } from './texts/keys.js';
import { make } from './texts/make.js';
import { revocation } from './texts/revocation.js';
import { shell } from './texts/shell.js';

/** Every text of the console, so that all of them can be read, changed or translated in one place. */
export const texts = { shell, decode, findings, keys, make, revocation } as const;
