import { Body, Controller, Get, Param, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { PluginSettings, PluginSettingsAnswer } from '@toru/contracts';
import { Roles } from '../access';
import { ApiProblems } from '../common';
import { ApiPluginId } from './api-documentation';
import { PluginSettingsAnswerDto, PluginSettingsChangeDto, PluginSettingsDto } from './dto/plugin-settings.dto';
import { PluginIdPipe } from './plugin-id.pipe';
import { ConfiguredPluginsService } from './configured-plugins.service';

/** What administrators set for a plugin: its section of the settings page (MGR-5). */
@ApiTags('plugins')
@Controller('api/plugins/:id/settings')
@Roles('admin')
export class PluginSettingsController {
  constructor(private readonly settings: ConfiguredPluginsService) {}

  @Get()
  @ApiPluginId()
  @ApiOperation({ operationId: 'getPluginSettings', summary: 'What may be set for a plugin, and what is set' })
  @ApiOkResponse({ type: PluginSettingsDto })
  @ApiProblems('validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'storage_unavailable')
  get(@Param('id', PluginIdPipe) id: string): Promise<PluginSettings> {
    return this.settings.get(id);
  }

  @Patch()
  @ApiPluginId()
  @ApiOperation({
    operationId: 'changePluginSettings',
    summary: 'Change settings of a plugin',
    description: 'A plugin that runs and listens for settings has them at once; `applied` says what became of the change.',
  })
  @ApiOkResponse({ type: PluginSettingsAnswerDto })
  @ApiProblems(
    ...(['validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'conflict'] as const),
    ...(['payload_too_large', 'storage_unavailable'] as const),
  )
  change(
    @Param('id', PluginIdPipe) id: string,
    @Body() { values, if_revision }: PluginSettingsChangeDto,
  ): Promise<PluginSettingsAnswer> {
    return this.settings.change(id, values, if_revision);
  }
}
