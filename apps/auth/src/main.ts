import { runMain, startService } from '@latchkey/service-kit';
import { authService } from './auth-service.js';
import { config } from './config.js';

runMain(() => startService(authService(config())));
