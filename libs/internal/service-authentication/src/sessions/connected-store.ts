import type { SessionStore } from '@latchkey/sessions';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';

/** A session store that connects in the background once the application has started. */
export interface ConnectedStore extends OnApplicationBootstrap, OnApplicationShutdown {
  readonly store: SessionStore;
}
