import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { PluginLimits } from '@toru/contracts';
import { Roles } from '../access';
import { ApiProblems } from '../common';
import { ApiPluginId } from './api-documentation';
import { PluginLimitsChangeDto, PluginLimitsDto } from './dto/plugin-limits.dto';
import { PluginIdPipe } from './plugin-id.pipe';
import { PluginLimitsService } from './plugin-limits.service';
import { PluginsService } from './plugins.service';

/** How requests to a plugin are bounded: by whom, and what comes of it. */
@ApiTags('plugins')
@Controller('api/plugins/:id/limits')
@Roles('admin')
export class PluginLimitsController {
  constructor(
    private readonly plugins: PluginsService,
    private readonly limits: PluginLimitsService,
  ) {}

  @Get()
  @ApiPluginId()
  @ApiOperation({ operationId: 'getPluginLimits', summary: 'How requests to a plugin are bounded' })
  @ApiOkResponse({ type: PluginLimitsDto })
  @ApiProblems('validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid')
  get(@Param('id', PluginIdPipe) id: string): PluginLimits {
    return this.limits.view(this.plugins.requireValid(id).metadata);
  }

  @Put()
  @ApiPluginId()
  @ApiOperation({
    operationId: 'setPluginLimits',
    summary: 'Bound the requests to a plugin',
    description:
      'What is given replaces all that was set, and counts before what the plugin proposes and what the settings of the host say; `{}` leaves it to them. It holds from the next request on.',
  })
  @ApiOkResponse({ type: PluginLimitsDto })
  @ApiProblems('validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'conflict', 'storage_unavailable')
  replace(
    @Param('id', PluginIdPipe) id: string,
    @Body() { limits, if_revision }: PluginLimitsChangeDto,
  ): Promise<PluginLimits> {
    return this.limits.replace(this.plugins.requireValid(id).metadata, limits, if_revision);
  }
}
