import { Global, Module } from '@nestjs/common';
import { ClockWatch } from './clock-watch.js';
import { ServiceClock } from './service-clock.js';

@Global()
@Module({
  providers: [ClockWatch, { provide: ServiceClock, useFactory: () => new ServiceClock() }],
  exports: [ServiceClock],
})
export class ClockModule {}
