import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { CrashDetails, CrashSummary, Page } from '@toru/contracts';
import { ApiProblems } from '../common';
import { ApiPluginId, PluginIdPipe, PluginsService } from '../plugins';
import { CrashIdPipe } from './crash-id.pipe';
import { CrashRecorder } from './crash-recorder';
import { CrashDetailsDto, CrashPageDto, CrashQueryDto } from './dto/crash.dto';

@ApiTags('plugins')
@Controller('api/plugins/:id/crashes')
export class CrashesController {
  constructor(
    private readonly plugins: PluginsService,
    private readonly crashes: CrashRecorder,
  ) {}

  @Get()
  @ApiPluginId()
  @ApiOperation({ operationId: 'listPluginCrashes', summary: 'The last crashes of a plugin, newest first' })
  @ApiOkResponse({ type: CrashPageDto })
  @ApiProblems('validation_failed', 'plugin_not_found', 'storage_unavailable')
  list(@Param('id', PluginIdPipe) id: string, @Query() query: CrashQueryDto): Promise<Page<CrashSummary>> {
    return this.crashes.list(this.plugins.require(id).id, query.page, query.page_size);
  }

  @Get(':crash_id')
  @ApiPluginId()
  @ApiParam({ name: 'crash_id', schema: { type: 'integer', minimum: 1 } })
  @ApiOperation({ operationId: 'getPluginCrash', summary: 'All that is known of one crash' })
  @ApiOkResponse({ type: CrashDetailsDto })
  @ApiProblems('validation_failed', 'plugin_not_found', 'not_found', 'storage_unavailable')
  get(@Param('id', PluginIdPipe) id: string, @Param('crash_id', CrashIdPipe) crash: number): Promise<CrashDetails> {
    return this.crashes.get(this.plugins.require(id).id, crash);
  }
}
