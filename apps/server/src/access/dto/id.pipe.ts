import { ParseUUIDPipe } from '@nestjs/common';
import { AppError } from '../../common';

/** A path parameter that must be a UUID: anything else is refused before it is looked for (API-6). */
export const UuidPipe = new ParseUUIDPipe({
  exceptionFactory: () =>
    new AppError('validation_failed', 'The id in the path is not a UUID.', {
      errors: [{ path: 'id', message: 'must be a UUID' }],
    }),
});
