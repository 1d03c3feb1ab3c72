import type { Revocation } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionRevocation } from '../sessions/session-revocation.js';
import type { Presented } from './presented-session.js';

@Injectable()
export class LogoutService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly revocation: SessionRevocation,
  ) {}

  logOut(session: Presented): Promise<Revocation[]> {
    return this.dataSource.transaction((manager) =>
      this.revocation.end(manager, session, 'logout'),
    );
  }

  logOutEverywhere(userId: string): Promise<Revocation[]> {
    return this.dataSource.transaction((manager) =>
      this.revocation.endAll(manager, userId, 'logout_everywhere'),
    );
  }
}
