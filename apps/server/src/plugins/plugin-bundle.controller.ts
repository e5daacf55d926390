import { createHash } from 'node:crypto';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems, requestIdOf } from '../common';
import { ApiPluginId } from './api-documentation';
import { PluginBundleService } from './plugin-bundle.service';
import { PluginIdPipe } from './plugin-id.pipe';

/** The JavaScript of a plugin's page (FE-1). */
@ApiTags('plugins')
@Controller('api/plugins/:id/bundle.js')
export class PluginBundleController {
  constructor(private readonly bundles: PluginBundleService) {}

  @Get()
  @ApiPluginId()
  @ApiOperation({ operationId: 'getPluginBundle', summary: 'The JavaScript of a plugin’s page' })
  @ApiProduces('text/javascript')
  @ApiResponse({ status: 200, content: { 'text/javascript': { schema: { type: 'string' } } }, description: 'The bundle' })
  @ApiResponse({ status: 304, description: 'The bundle that the client has (If-None-Match)' })
  @ApiProblems(
    ...(['validation_failed', 'plugin_not_found', 'plugin_disabled', 'bundle_not_found', 'plugin_invalid'] as const),
    ...(['plugin_error', 'plugin_unavailable', 'plugin_busy', 'plugin_timeout'] as const),
  )
  async get(
    @Param('id', PluginIdPipe) id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
    });
    const bundle = await this.bundles.load(id, requestIdOf(request), left.signal);
    const etag = `"${createHash('sha256').update(bundle).digest('base64url')}"`;
    response.set({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache', etag });
    if (isKnown(request.headers['if-none-match'], etag)) {
      response.status(304).end();
      return;
    }
    response.set('content-type', 'text/javascript; charset=utf-8');
    response.send(bundle);
  }
}

/**
 * Whether the client has this content already (RFC 9110 §13.1.2). Express has such a check too, but it gives in to
 * `Cache-Control: no-cache`, which `fetch` sends along whenever a page sets If-None-Match itself.
 */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((item) => ['*', etag].includes(item.trim().replace(/^W\//, '')));
}
