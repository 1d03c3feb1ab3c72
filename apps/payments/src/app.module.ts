import { DatabaseModule } from '@latchkey/service-kit';
import { CallerGuard, ServiceAuthenticationModule } from '@latchkey/service-authentication';
import {
  LatchkeyPassportStrategy,
  PassportAccessTokenGuard,
} from '@latchkey/verifier-nestjs/passport';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CancelController } from './cancel/cancel.controller.js';
import { CancelService } from './cancel/cancel.service.js';
import type { Config } from './config.js';
import { Payments1700000003100 } from './migrations/1700000003100-payments.js';
import { PayController } from './pay/pay.controller.js';
import { PayService } from './pay/pay.service.js';
import { PaymentStore } from './payments/payment-store.js';
import { PaymentEntity } from './payments/payment.entity.js';
import { PaymentsController } from './payments/payments.controller.js';
import { RefundController } from './refund/refund.controller.js';
import { RefundService } from './refund/refund.service.js';
import { SettleController } from './settle/settle.controller.js';

const ENTITIES = [PaymentEntity];

/** This service verifies tokens with Passport, to show the integration for teams that already use it. */
@Module({
  controllers: [
    PayController,
    CancelController,
    SettleController,
    RefundController,
    PaymentsController,
  ],
  providers: [
    LatchkeyPassportStrategy,
    { provide: APP_GUARD, useExisting: CallerGuard },
    PaymentStore,
    PayService,
    CancelService,
    RefundService,
  ],
})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot({
          url: config.DATABASE_URL,
          poolSize: config.DATABASE_POOL_SIZE,
          entities: ENTITIES,
          migrations: [Payments1700000003100],
        }),
        TypeOrmModule.forFeature(ENTITIES),
        ServiceAuthenticationModule.forRoot(config, PassportAccessTokenGuard),
      ],
    };
  }
}
