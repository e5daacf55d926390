import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { LogEntry, Page } from '@toru/contracts';
import { LogPageDto, LogsService } from '../logs';
import { ApiPluginId } from './api-documentation';
import { ApiProblems } from '../common';
import { PluginLogQueryDto } from './dto/plugin-log-query.dto';
import { PluginIdPipe } from './plugin-id.pipe';
import { PluginsService } from './plugins.service';

@ApiTags('plugins')
@Controller('api/plugins/:id/logs')
export class PluginLogsController {
  constructor(
    private readonly plugins: PluginsService,
    private readonly logs: LogsService,
  ) {}

  @Get()
  @ApiPluginId()
  @ApiOperation({ operationId: 'getPluginLogs', summary: 'The log of a plugin, newest first' })
  @ApiOkResponse({ type: LogPageDto })
  @ApiProblems('validation_failed', 'plugin_not_found')
  read(@Param('id', PluginIdPipe) id: string, @Query() query: PluginLogQueryDto): Promise<Page<LogEntry>> {
    const { source, page, page_size: pageSize, level, search } = query;
    const entry = this.plugins.require(id);
    return this.logs.read({
      ...{ source, pluginId: entry.id, page, pageSize },
      ...(level === undefined ? {} : { level }),
      ...(search === undefined ? {} : { search }),
    });
  }
}
