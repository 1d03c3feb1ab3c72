import { runMain, startService } from '@latchkey/service-kit';
import { config } from './config.js';
import { paymentsService } from './payments-service.js';

runMain(async () => startService(paymentsService(config())));
