import { Injectable, Logger } from '@nestjs/common';
import { AccessLog, type AccessRecord } from './gateway.ports';

/** The access log as lines of the host's own log. */
@Injectable()
export class NestAccessLog extends AccessLog {
  private readonly logger = new Logger('gateway');

  override record(entry: AccessRecord): void {
    this.logger.log({ ...entry, msg: 'plugin request' });
  }
}
