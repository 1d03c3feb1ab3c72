import { docker } from './engine.js';

/** Nothing is in it: what runs in a container of it is this machine's own. */
const NAME = 'latchkey-lab-nothing';
/** The end of an archive is two blocks of zeros (POSIX, pax). */
const EMPTY_ARCHIVE = new Uint8Array(1_024);

/** The image without a file, 0 bytes large: made at its first use, without a network, and kept. */
export function emptyImage(): string {
  if (docker(['image', 'ls', '--quiet', NAME]) === '')
    docker(['import', '--message', 'nothing', '-', NAME], EMPTY_ARCHIVE);
  return NAME;
}
