import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '../common';
import { isPluginId } from './file-names';

/** Refuses an id that is no id before anything else looks at it (API-6). */
@Injectable()
export class PluginIdPipe implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    if (typeof value === 'string' && isPluginId(value)) return value;
    const message = 'must be 1 to 64 letters, digits and hyphens, beginning with a letter or digit';
    throw new AppError('validation_failed', `The id of a plugin ${message}.`, { errors: [{ path: 'id', message }] });
  }
}
