import { Module } from '@nestjs/common';
import { JwksController } from './jwks.controller.js';
import { ConfigurableModuleClass } from './jwks.module-definition.js';
import { ServerMetadataController } from './server-metadata.controller.js';

/** Takes the key ring from the global `KeysModule`. */
@Module({ controllers: [JwksController, ServerMetadataController] })
export class JwksModule extends ConfigurableModuleClass {}
