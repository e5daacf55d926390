export { LogPageDto } from './dto/log-page.dto';
export { LogQueryDto } from './dto/log-query.dto';
export { LogsModule } from './logs.module';
export { LogsService, type LogQuery } from './logs.service';
export type { LogRecord, OutputStream } from './log-line';
export type { LineCounts } from './plugin-log';
export type { CaptureHandle } from './output-capture';
export { RotatingLogFile } from './rotating-log-file';
