import { Module, type OnModuleInit } from '@nestjs/common';
import { MessageHandlers, ProtocolModule } from '../protocol';
import { LogsService } from './logs.service';
import { SupervisorLogsController } from './supervisor-logs.controller';

@Module({
  imports: [ProtocolModule],
  controllers: [SupervisorLogsController],
  providers: [LogsService],
  exports: [LogsService],
})
export class LogsModule implements OnModuleInit {
  constructor(
    private readonly handlers: MessageHandlers,
    private readonly logs: LogsService,
  ) {}

  onModuleInit(): void {
    this.handlers.onLog((pluginId, { level, message, fields, error }) => {
      this.logs.writePluginLine(pluginId, {
        level,
        message,
        ...(fields === undefined ? {} : { fields }),
        ...(error === undefined ? {} : { error }),
      });
    });
  }
}
