import { problem } from '../../../testing/fixtures';
import { problemToApiError } from './api-error';

describe('problemToApiError', () => {
  it('[API-6] reads what is wrong with which part, and leaves out what is no such entry', () => {
    const errors = [{ path: 'size', message: 'must be <= 9' }, { path: 'x' }, null, 'no'];
    const error = problemToApiError(400, { ...problem('validation_failed', 400, 'No.'), errors }, null);
    expect(error.errors).toEqual([{ path: 'size', message: 'must be <= 9' }]);
    expect(problemToApiError(400, problem('validation_failed', 400, 'No.'), null).errors).toEqual([]);
  });
});
