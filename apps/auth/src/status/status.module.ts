import { Module } from '@nestjs/common';
import { StatusController } from './status.controller.js';
import { StatusQuery } from './status-query.js';
import { StatusService } from './status.service.js';

/** Tells the holder of a token whether, why and when it was revoked. */
@Module({ controllers: [StatusController], providers: [StatusQuery, StatusService] })
export class StatusModule {}
