import { Module } from '@nestjs/common';
import { LogsService } from './logs.service';
import { SupervisorLogsController } from './supervisor-logs.controller';

@Module({
  controllers: [SupervisorLogsController],
  providers: [LogsService],
  exports: [LogsService],
})
export class LogsModule {}
