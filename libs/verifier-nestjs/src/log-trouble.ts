import { formatWarning } from '@latchkey/contracts';
import type { Warning } from '@latchkey/verifier';
import { Logger } from '@nestjs/common';

const logger = new Logger('VerifierModule');

/** The default of `onWarning`: a line by Nest's logger, whichever the application has. */
export function logTrouble(trouble: Warning): void {
  logger.warn(formatWarning(trouble));
}
