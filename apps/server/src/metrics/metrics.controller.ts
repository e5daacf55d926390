import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { MetricsService } from './metrics.service';

/** For Prometheus with an API token of any role (OBS-5). */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @ApiOperation({ operationId: 'getMetrics', summary: 'Metrics in Prometheus’ text format' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } }, description: 'The metrics' })
  async get(@Res() response: Response): Promise<void> {
    const text = await this.metrics.text();
    response.set({ 'content-type': this.metrics.contentType, 'cache-control': 'no-store' });
    response.end(text);
  }
}
