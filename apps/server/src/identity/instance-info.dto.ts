import { ApiProperty } from '@nestjs/swagger';
import type { InstanceInfo } from '@toru/contracts';

export class InstanceInfoDto implements InstanceInfo {
  @ApiProperty({ format: 'uuid', description: 'Made at the first start; licences are issued for it.' })
  instance_id!: string;

  @ApiProperty({ example: '0.1.0', description: 'The version of the host.' })
  version!: string;
}
