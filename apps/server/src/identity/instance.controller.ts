import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, HOST_VERSION } from '../common';
import { InstanceInfoDto } from './instance-info.dto';
import { InstanceService } from './instance.service';

@ApiTags('instance')
@Controller('api/instance')
export class InstanceController {
  constructor(private readonly instance: InstanceService) {}

  @Get()
  @ApiOperation({ operationId: 'getInstance', summary: 'The identity and version of this installation' })
  @ApiProblems()
  @ApiOkResponse({ type: InstanceInfoDto })
  get(): InstanceInfoDto {
    return { instance_id: this.instance.instanceId, version: HOST_VERSION };
  }
}
