import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page, PluginEvent } from '@toru/contracts';
import { EventPageDto, EventQueryDto, EventsService, toEventQuery } from '../events';
import { ApiPluginId } from './api-documentation';
import { ApiProblems } from '../common';
import { PluginIdPipe } from './plugin-id.pipe';
import { PluginsService } from './plugins.service';

@ApiTags('plugins')
@Controller('api/plugins/:id/events')
export class PluginEventsController {
  constructor(
    private readonly plugins: PluginsService,
    private readonly events: EventsService,
  ) {}

  @Get()
  @ApiPluginId()
  @ApiOperation({ operationId: 'listPluginEvents', summary: 'What happened to a plugin, newest first' })
  @ApiOkResponse({ type: EventPageDto })
  @ApiProblems('validation_failed', 'plugin_not_found', 'storage_unavailable')
  list(@Param('id', PluginIdPipe) id: string, @Query() query: EventQueryDto): Promise<Page<PluginEvent>> {
    return this.events.list(toEventQuery(query, this.plugins.require(id).id));
  }
}
