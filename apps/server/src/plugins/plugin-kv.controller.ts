import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { KvAnswer } from '@toru/contracts';
import type { Request, Response } from 'express';
import { Caller, Roles, type Principal } from '../access';
import { ApiProblems, requestIdOf } from '../common';
import { KvAnswerDto, KvRequestDto } from '../kv';
import { ApiPluginId } from './api-documentation';
import { PluginIdPipe } from './plugin-id.pipe';
import { PluginKvService } from './plugin-kv.service';

/** Key-value storage for the plugins' pages (KV-7). The namespace is the id in the path and nothing else (KV-4). */
@ApiTags('plugins')
@Controller('api/plugins/:id/kv')
export class PluginKvController {
  constructor(private readonly storage: PluginKvService) {}

  @Post()
  @HttpCode(200)
  @Roles('admin', 'viewer')
  @ApiPluginId()
  @ApiOperation({
    operationId: 'pluginKv',
    summary: 'Read or change what a plugin has stored',
    description:
      'Everybody may get; set and delete are for admins. With `store: plugin` the host asks the plugin for the operation, which performs it on the storage that it keeps itself.',
  })
  @ApiOkResponse({ type: KvAnswerDto })
  @ApiProblems(
    ...(['validation_failed', 'forbidden', 'plugin_not_found', 'plugin_disabled', 'plugin_invalid', 'kv_key_invalid'] as const),
    ...(['kv_value_invalid', 'kv_value_too_large', 'kv_quota_exceeded', 'payload_too_large', 'unsupported_body', 'storage_unavailable'] as const),
    ...(['plugin_error', 'plugin_unavailable', 'plugin_busy', 'plugin_timeout'] as const),
  )
  execute(
    @Param('id', PluginIdPipe) id: string,
    @Body() { store = 'host', action, key, value }: KvRequestDto,
    @Caller() { role }: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<KvAnswer> {
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
    });
    const operation = { store, action, key, ...(value === undefined ? {} : { value }) };
    return this.storage.execute(id, operation, { role, requestId: requestIdOf(request), signal: left.signal });
  }
}
