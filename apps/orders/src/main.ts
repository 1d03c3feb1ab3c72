import { runMain, startService } from '@latchkey/service-kit';
import { config } from './config.js';
import { ordersService } from './orders-service.js';

runMain(async () => startService(ordersService(config())));
