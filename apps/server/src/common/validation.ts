import { ValidationPipe, type ValidationError } from '@nestjs/common';
import type { InputError } from '@toru/contracts';
import { AppError } from './app-error';

/** Inputs are parsed into fresh objects of their DTO class; what the class does not name is refused (API-6). */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: false,
    exceptionFactory: (errors) => {
      const list = flatten(errors, '');
      return new AppError('validation_failed', list.map((e) => e.message).join('; ') || 'An input is not valid.', {
        errors: list,
      });
    },
  });
}

function flatten(errors: readonly ValidationError[], prefix: string): InputError[] {
  return errors.flatMap((error) => {
    const path = prefix === '' ? error.property : `${prefix}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((message) => ({ path, message }));
    return [...own, ...flatten(error.children ?? [], path)];
  });
}
