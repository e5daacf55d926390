import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import type { InputError } from '@toru/contracts';
import { AppError } from './app-error';
import { unfitNames } from './unfit-names';

/** Inputs are parsed into fresh objects of their DTO class; what the class does not name is refused (API-6). */
export function createValidationPipe(): ValidationPipe {
  return new StrictValidationPipe({
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

/** Nest takes names such as `__proto__` out without a word: who sends one learns of it as of any unknown name. */
class StrictValidationPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // what the host's own decorators give is no input
    const errors = metadata.type === 'custom' ? [] : unfitNames(value);
    if (errors.length > 0) {
      throw new AppError('validation_failed', errors.map((e) => `${e.path} ${e.message}`).join('; '), { errors });
    }
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

function flatten(errors: readonly ValidationError[], prefix: string): InputError[] {
  return errors.flatMap((error) => {
    const path = prefix === '' ? error.property : `${prefix}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((message) => ({ path, message }));
    return [...own, ...flatten(error.children ?? [], path)];
  });
}
