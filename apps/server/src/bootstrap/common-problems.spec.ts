import type { OpenAPIObject } from '@nestjs/swagger';
import { addCommonProblems } from './common-problems';

const answersOf = (method: string, operation: object): Record<string, string> => {
  const whole = { responses: { 200: { description: 'It worked' } }, ...operation };
  addCommonProblems({ paths: { '/x': { [method]: whole } } } as unknown as OpenAPIObject);
  return Object.fromEntries(
    Object.entries(whole.responses).map(([status, { description }]) => [
      status,
      [...description.matchAll(/`(\w+)`/g)].map(([, code]) => code).join(' '),
    ]),
  );
};

describe('addCommonProblems', () => {
  it('[API-5] names what the access policy refuses', () => {
    expect(answersOf('get', {})).toEqual({
      ...{ 200: '', 401: 'unauthenticated', 403: 'password_change_required', 503: 'storage_unavailable' },
    });
    expect(answersOf('post', {})).toMatchObject({ 403: 'csrf_refused password_change_required' });
    expect(answersOf('get', { operationId: 'getCurrentUser' })).not.toHaveProperty('403');
  });

  it('[API-5] names what the parsers refuse', () => {
    expect(answersOf('get', { parameters: [{}] })).toMatchObject({ 400: 'validation_failed' });
    expect(answersOf('post', { requestBody: {} })).toMatchObject({
      ...{ 400: 'validation_failed malformed_request', 413: 'payload_too_large', 415: 'unsupported_body' },
    });
  });

  it('[API-5] asks nobody to sign in where nobody has to', () => {
    expect(answersOf('get', { security: [] })).toEqual({ 200: '' });
    expect(answersOf('post', { security: [], requestBody: {} })).not.toHaveProperty('401');
  });

  it('[API-5] says nothing twice, and keeps what the controller says', () => {
    const responses = { 200: { description: 'ok' }, 401: { description: '`unauthenticated`: Sign in first' } };
    expect(answersOf('get', { responses })).toMatchObject({ 401: 'unauthenticated' });
    const refused = { 200: { description: 'ok' }, 403: { description: '`forbidden`: Not allowed' } };
    expect(answersOf('get', { responses: refused })).toMatchObject({ 403: 'forbidden password_change_required' });
  });
});
