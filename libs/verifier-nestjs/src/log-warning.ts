import { formatWarning } from '@latchkey/contracts';
import type { Warning } from '@latchkey/verifier';
import { Logger } from '@nestjs/common';

const logger = new Logger('VerifierModule');

/** The default `onWarning`: logs a warning with Nest's logger. */
export function logWarning(warning: Warning): void {
  logger.warn(formatWarning(warning));
}
