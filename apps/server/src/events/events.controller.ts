import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page, PluginEvent } from '@toru/contracts';
import { ApiProblems } from '../common';
import { EventPageDto } from './dto/event-page.dto';
import { AllEventsQueryDto } from './dto/event-query.dto';
import { toEventQuery } from './event-query.mapper';
import { EventsService } from './events.service';

@ApiTags('events')
@Controller('api/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @ApiOperation({ operationId: 'listEvents', summary: 'What happened to plugins, newest first' })
  @ApiProblems('validation_failed', 'storage_unavailable')
  @ApiOkResponse({ type: EventPageDto })
  list(@Query() query: AllEventsQueryDto): Promise<Page<PluginEvent>> {
    return this.events.list(toEventQuery(query, query.plugin_id));
  }
}
