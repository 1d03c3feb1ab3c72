import { DatabaseModule } from '@latchkey/service-kit';
import { CallerGuard, ServiceAuthenticationModule } from '@latchkey/service-authentication';
import { ServiceCallsModule, type CalledServices } from '@latchkey/service-authentication/calls';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AbandonedOrders } from './abandon/abandoned-orders.js';
import { CONFIG, type Config } from './config.js';
import { MIGRATIONS } from './migrations/index.js';
import { OrderReader } from './orders/order-reader.js';
import { OrderEntity } from './orders/order.entity.js';
import { OrdersController } from './orders/orders.controller.js';
import { Fulfilment } from './place-order/fulfilment.js';
import { InventoryClient } from './place-order/inventory-client.js';
import { LONGEST_CALL_MILLISECONDS } from './place-order/longest-call.js';
import { OrderCalls } from './place-order/order-calls.js';
import { OrderStore } from './place-order/order-store.js';
import { PaymentsClient } from './place-order/payments-client.js';
import { PlaceOrderController } from './place-order/place-order.controller.js';
import { PlaceOrderService } from './place-order/place-order.service.js';
import { SettleController } from './settle/settle.controller.js';
import { SettleService } from './settle/settle.service.js';

const ENTITIES = [OrderEntity];

@Module({
  controllers: [PlaceOrderController, SettleController, OrdersController],
  providers: [
    { provide: APP_GUARD, useExisting: CallerGuard },
    OrderReader,
    OrderStore,
    PlaceOrderService,
    InventoryClient,
    PaymentsClient,
    OrderCalls,
    Fulfilment,
    SettleService,
    AbandonedOrders,
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
          migrations: MIGRATIONS,
        }),
        TypeOrmModule.forFeature(ENTITIES),
        ServiceAuthenticationModule.forRoot(config),
        ServiceCallsModule.forRoot(config, calledServices(config)),
      ],
      providers: [{ provide: CONFIG, useValue: config }],
    };
  }
}

/** Every call is idempotent, and ends before the lease of the order does. */
const CALLS = { timeoutMilliseconds: LONGEST_CALL_MILLISECONDS, retries: 1 } as const;

const calledServices = ({ INVENTORY_URL, PAYMENTS_URL }: Config): CalledServices => ({
  inventory: { ...CALLS, url: INVENTORY_URL, scopes: 'inventory:write' },
  payments: { ...CALLS, url: PAYMENTS_URL, scopes: 'payments:write' },
});
