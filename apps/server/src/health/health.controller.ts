import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../access';
import { HealthService } from './health.service';

class HealthAnswer {
  @ApiProperty({ enum: ['ok'] })
  status!: 'ok';
}

class ReadyAnswer extends HealthAnswer {
  @ApiProperty({ type: 'integer', description: 'How many plugins are on their way up' })
  starting!: number;
}

/** For load balancers and service managers; answers without signing in and tells nothing else. */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @ApiOperation({ operationId: 'live', summary: 'The host runs', security: [] })
  @ApiOkResponse({ type: HealthAnswer })
  live(): HealthAnswer {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'ready',
    summary: 'The host serves: its database answers and its plugins were read',
    security: [],
  })
  @ApiOkResponse({ type: ReadyAnswer })
  @ApiServiceUnavailableResponse({
    description:
      'Not yet, or not any more; the detail names every reason, the code the first: `shutting_down`, `storage_unavailable`, `not_ready`',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } },
  })
  async ready(): Promise<ReadyAnswer> {
    const reason = await this.health.notReadyBecause();
    if (reason !== undefined) throw reason;
    return { status: 'ok', starting: this.health.starting };
  }
}
