import { RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse } from '@nestjs/swagger';

/** Documents a route that answers with `RevocationAnswer.send()`. */
export const ApiRevocation = () =>
  applyDecorators(
    ApiNoContentResponse({ description: 'Done and published to every service' }),
    ApiAcceptedResponse({
      standardSchema: RevocationPendingReply,
      description: 'Done and recorded; services are notified as soon as NATS is reachable',
    }),
  );
