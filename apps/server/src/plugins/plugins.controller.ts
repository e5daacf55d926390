import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { LifecycleAnswer, PluginDetails, PluginList } from '@toru/contracts';
import { Roles } from '../access';
import { ApiPluginId } from './api-documentation';
import { ApiProblems } from '../common';
import { LifecycleAnswerDto, PluginDetailsDto } from './dto/plugin-details.dto';
import { PluginListDto } from './dto/plugin-summary.dto';
import { RescanAnswerDto } from './dto/rescan-answer.dto';
import { RescanQueryDto } from './dto/rescan-query.dto';
import { LicensedPluginsService } from './licensed-plugins.service';
import { PluginIdPipe } from './plugin-id.pipe';
import { PluginsService, type RescanResult } from './plugins.service';

@ApiTags('plugins')
@Controller('api/plugins')
export class PluginsController {
  constructor(
    private readonly plugins: PluginsService,
    private readonly licences: LicensedPluginsService,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listPlugins', summary: 'All installed plugins, the invalid ones too' })
  @ApiOkResponse({ type: PluginListDto })
  @ApiProblems()
  list(): PluginList {
    return this.plugins.list();
  }

  @Post('rescan')
  @HttpCode(200)
  @Roles('admin')
  @ApiOperation({ operationId: 'rescanPlugins', summary: 'Look through the plugins directory again' })
  @ApiOkResponse({ type: RescanAnswerDto })
  @ApiProblems('validation_failed', 'forbidden')
  async rescan(@Query() { force }: RescanQueryDto): Promise<RescanResult> {
    await this.licences.takeUpFiles();
    return this.plugins.rescan(force === 'true');
  }

  @Get(':id')
  @ApiPluginId()
  @ApiOperation({ operationId: 'getPlugin', summary: 'One plugin in detail' })
  @ApiOkResponse({ type: PluginDetailsDto })
  @ApiProblems('validation_failed', 'plugin_not_found', 'storage_unavailable')
  details(@Param('id', PluginIdPipe) id: string): Promise<PluginDetails> {
    return this.plugins.details(id);
  }

  @Post(':id/enable')
  @HttpCode(200)
  @Roles('admin')
  @ApiPluginId()
  @ApiOperation({ operationId: 'enablePlugin', summary: 'Start a plugin, now and at every start of the host' })
  @ApiOkResponse({ type: LifecycleAnswerDto, description: 'It is ready' })
  @ApiProblems(
    ...(['validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'conflict', 'plugin_start_failed'] as const),
    ...(['enabled_state_unusable', 'shutting_down'] as const),
  )
  enable(@Param('id', PluginIdPipe) id: string): Promise<LifecycleAnswer> {
    return this.plugins.enable(id);
  }

  @Post(':id/disable')
  @HttpCode(200)
  @Roles('admin')
  @ApiPluginId()
  @ApiOperation({ operationId: 'disablePlugin', summary: 'Stop a plugin and keep it stopped' })
  @ApiOkResponse({ type: LifecycleAnswerDto, description: 'Its process has ended' })
  @ApiProblems('validation_failed', 'forbidden', 'plugin_not_found', 'conflict', 'enabled_state_unusable', 'shutting_down')
  disable(@Param('id', PluginIdPipe) id: string): Promise<LifecycleAnswer> {
    return this.plugins.disable(id);
  }

  @Post(':id/restart')
  @HttpCode(200)
  @Roles('admin')
  @ApiPluginId()
  @ApiOperation({ operationId: 'restartPlugin', summary: 'End the process of a plugin and start another one' })
  @ApiOkResponse({ type: LifecycleAnswerDto, description: 'It is ready' })
  @ApiProblems(
    ...(['validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'conflict', 'plugin_start_failed'] as const),
    'shutting_down',
  )
  restart(@Param('id', PluginIdPipe) id: string): Promise<LifecycleAnswer> {
    return this.plugins.restart(id);
  }

  @Post(':id/reset')
  @HttpCode(200)
  @Roles('admin')
  @ApiPluginId()
  @ApiOperation({
    operationId: 'resetPlugin',
    summary: 'Forget the crashes of a plugin, end its quarantines, and try it again',
    description: 'A plugin that the supervisor has disabled is enabled again; one that somebody has disabled stays so.',
  })
  @ApiOkResponse({ type: LifecycleAnswerDto, description: 'Its crashes are forgotten; the answer says how it is now' })
  @ApiProblems(
    ...(['validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'conflict'] as const),
    ...(['enabled_state_unusable', 'shutting_down'] as const),
  )
  reset(@Param('id', PluginIdPipe) id: string): Promise<LifecycleAnswer> {
    return this.plugins.reset(id);
  }
}
