import { IdParameter, Payment } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import { RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RefundService } from './refund.service.js';

@ApiTags('payments')
@ApiCaller()
@RequireScopes('payments:admin')
@Controller('payments/:id/refund')
export class RefundController {
  constructor(private readonly refunding: RefundService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'refundPayment',
    summary: "Refund any user's payment",
    description: 'Idempotent.',
  })
  @ApiOkResponse({ standardSchema: Payment })
  @ApiNotFoundResponse({ description: 'No payment has this id' })
  refund(@Param('id', { schema: IdParameter }) id: string): Promise<Payment> {
    return this.refunding.refund(id);
  }
}
