import { runMain, startService } from '@latchkey/service-kit';
import { config } from './config.js';
import { ordersOptions } from './service-options.js';

runMain(async () => startService(ordersOptions(config())));
