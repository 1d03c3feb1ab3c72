import { RequireScopes } from '@latchkey/verifier-nestjs';
import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiForbiddenResponse, ApiTags } from '@nestjs/swagger';
import { ADMIN_SCOPE } from '../platform/settings.js';
import { LiveTokenGuard } from '../sessions/live-token.guard.js';

/** Makes a controller of routes below `/admin`, which only administrators may call. */
export const AdminRoutes = (path = '') =>
  applyDecorators(
    ApiTags('admin'),
    ApiBearerAuth(),
    ApiForbiddenResponse({ description: 'The token lacks the scope auth:admin' }),
    UseGuards(LiveTokenGuard),
    RequireScopes(ADMIN_SCOPE),
    Controller(`admin/${path}`),
  );
