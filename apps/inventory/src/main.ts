import { runMain, startService } from '@latchkey/service-kit';
import { config } from './config.js';
import { inventoryService } from './inventory-service.js';

runMain(async () => startService(inventoryService(config())));
