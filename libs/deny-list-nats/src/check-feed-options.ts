import {
  aFunction,
  anObject,
  nonEmptyString,
  option,
  optional,
  type OptionRule,
} from '@latchkey/contracts/options';
import type { DenyList } from '@latchkey/deny-list';
import type { RevocationFeedOptions } from './feed-options.js';
import { readSnapshotSource } from './snapshot-source.js';

/** Checks by shape, because `instanceof` fails if the package is installed twice. */
const aDenyList: OptionRule<DenyList> = {
  allowed: 'a DenyList of @latchkey/deny-list',
  accepts: (value): value is DenyList =>
    anObject.accepts(value) && 'applyWatermark' in value && 'markLoaded' in value,
};

/**
 * Checks the options that are not about the connection to NATS; `natsClientOptions` checks those.
 *
 * @throws TypeError that names the option which is missing or invalid
 */
export function checkFeedOptions(options: RevocationFeedOptions): void {
  option('options', options, anObject);
  option('denyList', options.denyList, aDenyList);
  option('verifyEvent', options.verifyEvent, aFunction());
  optional('onEvent', options.onEvent, aFunction());
  optional('name', options.name, nonEmptyString);
  if (options.snapshot === undefined) return;
  readSnapshotSource(options.snapshot);
  if (options.verifySnapshot === undefined)
    throw new TypeError('verifySnapshot is missing; snapshot requires it');
  option('verifySnapshot', options.verifySnapshot, aFunction());
}
