import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database';
import { PluginSettingsService } from './plugin-settings.service';
import { PluginSettingsStore } from './plugin-settings-store.port';
import { TypeOrmPluginSettingsStore } from './typeorm-plugin-settings-store';

@Module({
  imports: [DatabaseModule],
  providers: [PluginSettingsService, { provide: PluginSettingsStore, useClass: TypeOrmPluginSettingsStore }],
  exports: [PluginSettingsService],
})
export class PluginSettingsModule {}
