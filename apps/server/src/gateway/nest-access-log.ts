import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { AccessLog, type AccessRecord } from './gateway.ports';

/** The access log as lines of the host's own log. */
@Injectable()
export class NestAccessLog extends AccessLog {
  private readonly logger;

  /** It takes its own logger once: looking it up for each line costs more than the line. */
  constructor(logger: PinoLogger) {
    super();
    this.logger = logger.logger.child({ context: 'gateway' });
  }

  override record(entry: AccessRecord): void {
    this.logger.info(entry, 'plugin request');
  }
}
