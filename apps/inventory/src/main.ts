import { runMain, startService } from '@latchkey/service-kit';
import { config } from './config.js';
import { inventoryOptions } from './service-options.js';

runMain(async () => startService(inventoryOptions(config())));
