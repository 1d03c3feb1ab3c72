import { runMain, startService } from '@latchkey/service-kit';
import { AppModule } from './app.module.js';
import { config } from './config.js';

runMain(async () => {
  const settings = config();
  await startService({
    name: 'payments',
    module: AppModule.forRoot(settings),
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    openApi: { title: 'Payments', description: 'Charges, refunds and cancellations of orders' },
  });
});
