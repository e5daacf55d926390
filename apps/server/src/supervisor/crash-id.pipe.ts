import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '../common';

/** The largest number that the column holds on every database. */
const MAX_ID = 2_147_483_647;

/** The number of a crash in a path. Rejects with `validation_failed`. */
@Injectable()
export class CrashIdPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    const id = /^[1-9]\d{0,9}$/.test(value) ? Number(value) : NaN;
    if (id <= MAX_ID) return id;
    const message = 'crash_id must be the number of a crash';
    throw new AppError('validation_failed', `${message}.`, { errors: [{ path: 'crash_id', message }] });
  }
}
