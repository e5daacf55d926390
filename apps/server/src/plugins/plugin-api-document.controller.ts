import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '@toru/contracts';
import type { Request, Response } from 'express';
import { ApiProblems, requestIdOf } from '../common';
import { ApiPluginId } from './api-documentation';
import { PluginApiDocuments } from './plugin-api-documents.service';
import { PluginIdPipe } from './plugin-id.pipe';

/** The OpenAPI document of a plugin (API-5). */
@ApiTags('plugins')
@Controller('api/plugins/:id/openapi.json')
export class PluginApiDocumentController {
  constructor(private readonly documents: PluginApiDocuments) {}

  @Get()
  @ApiPluginId()
  @ApiOperation({
    operationId: 'getPluginApiDocument',
    summary: 'The OpenAPI document that a plugin publishes',
    description: 'Its servers and its security are those of the host.',
  })
  @ApiOkResponse({ description: 'The document', schema: { type: 'object', additionalProperties: true } })
  @ApiProblems(
    ...(['validation_failed', 'plugin_not_found', 'plugin_disabled', 'not_found', 'plugin_invalid'] as const),
    ...(['plugin_error', 'plugin_unavailable', 'plugin_busy', 'plugin_timeout'] as const),
  )
  get(
    @Param('id', PluginIdPipe) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<JsonObject> {
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
    });
    response.set('cache-control', 'no-store');
    return this.documents.load(id, requestIdOf(request), left.signal);
  }
}
