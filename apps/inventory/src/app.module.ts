import { DatabaseModule } from '@latchkey/service-kit';
import { CallerGuard, ServiceAuthenticationModule } from '@latchkey/service-authentication';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG, type Config } from './config.js';
import { ExpiredReservations } from './expire-reservations/expired-reservations.js';
import { FinishReservationController } from './finish-reservation/finish-reservation.controller.js';
import { FinishReservationService } from './finish-reservation/finish-reservation.service.js';
import { MIGRATIONS } from './migrations/index.js';
import { ProductStore } from './products/product-store.js';
import { ProductEntity } from './products/product.entity.js';
import { ProductsController } from './products/products.controller.js';
import { ReconcileModule } from './reconcile/reconcile.module.js';
import { ReservationReader } from './reservations/reservation-reader.js';
import { ReservationLineEntity } from './reservations/reservation-line.entity.js';
import { ReservationEntity } from './reservations/reservation.entity.js';
import { ReservationsController } from './reservations/reservations.controller.js';
import { ReserveController } from './reserve/reserve.controller.js';
import { ReserveService } from './reserve/reserve.service.js';

const ENTITIES = [ProductEntity, ReservationEntity, ReservationLineEntity];

@Module({
  controllers: [
    ProductsController,
    ReserveController,
    ReservationsController,
    FinishReservationController,
  ],
  providers: [
    { provide: APP_GUARD, useExisting: CallerGuard },
    ProductStore,
    ReserveService,
    ReservationReader,
    FinishReservationService,
    ExpiredReservations,
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
        ...reconciliation(config),
      ],
      providers: [{ provide: CONFIG, useValue: config }],
    };
  }
}

const reconciliation = (config: Config): DynamicModule[] =>
  config.ORDERS_URL === undefined ? [] : [ReconcileModule.forRoot(config, config.ORDERS_URL)];
