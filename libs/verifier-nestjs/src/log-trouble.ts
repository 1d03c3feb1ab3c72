import { troubleLine } from '@latchkey/contracts';
import type { Trouble } from '@latchkey/verifier';
import { Logger } from '@nestjs/common';

const logger = new Logger('VerifierModule');

/** The default of `onTrouble`: a line by Nest's logger, whichever the application has. */
export function logTrouble(trouble: Trouble): void {
  logger.warn(troubleLine(trouble));
}
