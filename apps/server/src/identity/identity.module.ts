import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock, CommonModule } from '../common';
import { DatabaseModule } from '../database';
import { InstanceController } from './instance.controller';
import { InstanceService } from './instance.service';

@Module({
  imports: [CommonModule, DatabaseModule],
  controllers: [InstanceController],
  providers: [
    {
      provide: InstanceService,
      inject: [DataSource, Clock],
      useFactory: (dataSource: DataSource, clock: Clock) => InstanceService.load(dataSource, clock),
    },
  ],
  exports: [InstanceService],
})
export class IdentityModule {}
