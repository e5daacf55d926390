import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { LogEntry, Page } from '@toru/contracts';
import { ApiProblems } from '../common';
import { LogPageDto } from './dto/log-page.dto';
import { SupervisorLogQueryDto } from './dto/log-query.dto';
import { LogsService } from './logs.service';

@ApiTags('logs')
@Controller('api/logs')
export class SupervisorLogsController {
  constructor(private readonly logs: LogsService) {}

  @Get('supervisor')
  @ApiOperation({ operationId: 'getSupervisorLog', summary: 'What the supervisor did, newest first' })
  @ApiProblems('validation_failed', 'storage_unavailable')
  @ApiOkResponse({ type: LogPageDto })
  read(@Query() query: SupervisorLogQueryDto): Promise<Page<LogEntry>> {
    const { page, page_size: pageSize, level, search, plugin_id: pluginId } = query;
    return this.logs.read({
      source: 'supervisor',
      page,
      pageSize,
      ...(level ? { level } : {}),
      ...(search ? { search } : {}),
      ...(pluginId === undefined ? {} : { pluginId }),
    });
  }
}
