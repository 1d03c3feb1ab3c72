import { REVOCATION_POSITION_HEADER, REVOCATION_POSITION_PATTERN } from '@latchkey/contracts';
import { RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse } from '@nestjs/swagger';

/** The header of a response to a request that has revoked something. */
export const REVOCATION_POSITION = {
  [REVOCATION_POSITION_HEADER]: {
    description:
      'The position of the revocation, once it is on its way to the services. Absent if nothing was revoked',
    schema: { type: 'string', pattern: REVOCATION_POSITION_PATTERN.source },
  },
} as const;

/** Documents a route that answers with `RevocationAnswer.send()`. */
export const ApiRevocation = () =>
  applyDecorators(
    ApiNoContentResponse({
      description: 'Done and published to every service',
      headers: REVOCATION_POSITION,
    }),
    ApiAcceptedResponse({
      standardSchema: RevocationPendingReply,
      description: 'Done and recorded; services are notified as soon as NATS is reachable',
    }),
  );
