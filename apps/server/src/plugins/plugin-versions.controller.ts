import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { LifecycleAnswer, List, PluginVersion } from '@toru/contracts';
import { Roles } from '../access';
import { ApiProblems } from '../common';
import { ApiPluginId } from './api-documentation';
import { LifecycleAnswerDto } from './dto/plugin-details.dto';
import { PluginVersionListDto, RollbackRequestDto } from './dto/plugin-version.dto';
import { PluginIdPipe } from './plugin-id.pipe';
import { PluginsService } from './plugins.service';

/** The versions of a plugin, and the way back (SUP-8). */
@ApiTags('plugins')
@Controller('api/plugins/:id')
export class PluginVersionsController {
  constructor(private readonly plugins: PluginsService) {}

  @Get('versions')
  @ApiPluginId()
  @ApiOperation({ operationId: 'listPluginVersions', summary: 'The versions of a plugin that are kept' })
  @ApiOkResponse({ type: PluginVersionListDto })
  @ApiProblems('validation_failed', 'plugin_not_found', 'plugin_invalid')
  list(@Param('id', PluginIdPipe) id: string): List<PluginVersion> {
    return { items: this.plugins.versions(id) };
  }

  @Post('rollback')
  @HttpCode(200)
  @Roles('admin')
  @ApiPluginId()
  @ApiOperation({
    operationId: 'rollbackPlugin',
    summary: 'Let another version of a plugin run',
    description:
      'It gets ready beside the one that serves and takes over without a gap. It stays until the file in the plugins directory gets another content, or another version is chosen.',
  })
  @ApiOkResponse({ type: LifecycleAnswerDto, description: 'It has taken over, or is what starts next' })
  @ApiProblems(
    ...(['validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'conflict'] as const),
    ...(['plugin_start_failed', 'shutting_down'] as const),
  )
  rollback(@Param('id', PluginIdPipe) id: string, @Body() { digest }: RollbackRequestDto): Promise<LifecycleAnswer> {
    return this.plugins.rollback(id, digest);
  }
}
