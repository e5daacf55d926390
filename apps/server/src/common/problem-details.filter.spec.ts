import { BadRequestException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import type { AppError } from './app-error';
import { toAppError } from './problem-details.filter';

describe('toAppError', () => {
  it('[API-6] faults 18: tells nothing of the query of a path that is not there', () => {
    const error = toAppError(new NotFoundException('Cannot GET /x?token=secret')) as AppError;

    expect(error).toMatchObject({ code: 'not_found', status: 404 });
    expect(error.message).not.toContain('secret');
  });

  it('[API-6] faults 18: tells nothing of a body that could not be read', () => {
    const thrown = Object.assign(new SyntaxError(`Unexpected token 'x', ..."secret",x" is not valid JSON`), {
      ...{ status: 400, expose: true, type: 'entity.parse.failed' },
    });
    const error = toAppError(thrown) as AppError;

    expect(error).toMatchObject({ code: 'malformed_request', message: 'The body is not valid JSON.', cause: thrown });
  });

  it('[API-6] gives what frameworks throw a code of ours, and leaves the rest as it is', () => {
    expect(toAppError(new PayloadTooLargeException('too large'))).toMatchObject({
      ...{ code: 'payload_too_large', message: 'The body is longer than this endpoint takes.' },
    });
    const tooLarge = Object.assign(new Error('request entity too large'), {
      ...{ status: 413, expose: true, type: 'entity.too.large' },
    });
    expect(toAppError(tooLarge)).toMatchObject({
      code: 'payload_too_large',
      message: expect.stringContaining('64 KiB') as string,
    });
    expect(toAppError(new BadRequestException('odd'))).toMatchObject({
      code: 'malformed_request',
      message: expect.not.stringContaining('odd') as string,
    });
    const unknown = new Error('boom');
    expect(toAppError(unknown)).toBe(unknown);
  });
});
