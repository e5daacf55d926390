import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { KvAnswer } from '@toru/contracts';
import { Caller, Roles, type Principal } from '../access';
import { AppError } from '../common';
import { KvAnswerDto, KvRequestDto, KvService } from '../kv';
import { ApiPluginId, ApiProblems } from './api-documentation';
import { PluginIdPipe } from './plugin-id.pipe';
import { PluginsService } from './plugins.service';

/** Key-value storage for the plugins' pages (KV-7). The namespace is the id in the path and nothing else (KV-4). */
@ApiTags('plugins')
@Controller('api/plugins/:id/kv')
export class PluginKvController {
  constructor(
    private readonly plugins: PluginsService,
    private readonly kv: KvService,
  ) {}

  @Post()
  @HttpCode(200)
  @Roles('admin', 'viewer')
  @ApiPluginId()
  @ApiOperation({
    operationId: 'pluginKv',
    summary: 'Read or change what a plugin has stored',
    description: 'Everybody may get; set and delete are for admins.',
  })
  @ApiOkResponse({ type: KvAnswerDto })
  @ApiProblems(
    ...(['validation_failed', 'forbidden', 'plugin_not_found', 'plugin_disabled', 'plugin_invalid', 'kv_key_invalid'] as const),
    ...(['kv_value_invalid', 'kv_value_too_large', 'storage_unavailable'] as const),
  )
  execute(
    @Param('id', PluginIdPipe) id: string,
    @Body() request: KvRequestDto,
    @Caller() caller: Principal,
  ): Promise<KvAnswer> {
    const entry = this.plugins.requireEnabled(id);
    if (request.action !== 'get' && caller.role !== 'admin') {
      throw new AppError('forbidden', 'Only an admin may change what a plugin has stored.', { plugin: entry.id });
    }
    const { action, key, value } = request;
    return this.kv.execute(entry.id, { action, key, ...(value === undefined ? {} : { value }) });
  }
}
