import { runMain, startService } from '@latchkey/service-kit';
import { config } from './config.js';
import { paymentsOptions } from './service-options.js';

runMain(async () => startService(paymentsOptions(config())));
