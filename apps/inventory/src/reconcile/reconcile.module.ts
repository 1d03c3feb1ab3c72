import { ServiceCallsModule } from '@latchkey/service-authentication/calls';
import { Module, type DynamicModule } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { OpenReservations } from './open-reservations.js';
import { OrdersClient } from './orders-client.js';
import { Reconciliation } from './reconciliation.js';
import { RepairService } from './repair.service.js';

/** Orders may finish several orders before it answers. */
const TIMEOUT_MILLISECONDS = 10_000;

/** Compares reservations with their orders, if `ORDERS_URL` is set. */
@Module({})
export class ReconcileModule {
  static forRoot(config: Config, ordersUrl: string): DynamicModule {
    return {
      module: ReconcileModule,
      imports: [
        ServiceCallsModule.forRoot(config, {
          orders: {
            ...{ url: ordersUrl, scopes: 'orders:reconcile' },
            ...{ timeoutMilliseconds: TIMEOUT_MILLISECONDS, retries: 1 },
          },
        }),
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        OpenReservations,
        OrdersClient,
        RepairService,
        Reconciliation,
      ],
    };
  }
}
