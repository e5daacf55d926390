import Database from 'better-sqlite3';
import { QueryFailedError } from 'typeorm';
import { AppError } from '../common';
import { isUniqueViolation, storageError, withStorage } from './storage-error';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });
const failedQuery = (code: string) => new QueryFailedError('SELECT 1', [], coded(code));

describe('storageError', () => {
  it.each(
    [
      ...[
        'SQLITE_BUSY',
        'SQLITE_BUSY_SNAPSHOT',
        'SQLITE_LOCKED',
        'SQLITE_FULL',
        'SQLITE_READONLY_DBMOVED',
        'SQLITE_IOERR_WRITE',
      ],
      ...[
        'SQLITE_CANTOPEN',
        'SQLITE_CORRUPT',
        '08006',
        '53100',
        '53300',
        '57P01',
        '57P03',
        '57014',
        '25006',
        'ECONNREFUSED',
      ],
    ].map((code) => [code]),
  )('[faults 30] %s means that the storage is not available', (code) => {
    expect(storageError(failedQuery(code))).toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: 5 });
    expect(storageError(coded(code))).toBeInstanceOf(AppError);
  });

  it.each([
    ['database "toru" is not currently accepting connections'],
    ['Connection terminated unexpectedly'],
    ['timeout exceeded when trying to connect'],
    ['Query read timeout'],
    ['The database connection is not open'],
  ])('[faults 30] so does "%s"', (message) => {
    expect(storageError(new Error(message))).toMatchObject({ code: 'storage_unavailable' });
  });

  it.each([['SQLITE_CONSTRAINT_UNIQUE'], ['SQLITE_ERROR'], ['23505'], ['42P01'], ['SQLITE_BUSYBODY']])(
    'leaves %s alone',
    (code) => {
      const error = failedQuery(code);
      expect(storageError(error)).toBe(error);
    },
  );

  it('leaves alone what is no error of a driver', () => {
    const own = new AppError('not_found', 'no such user');
    expect(storageError(own)).toBe(own);
    expect(storageError('text')).toBe('text');
  });

  it('[faults 30] knows what the embedded driver throws by itself, which is no native error', () => {
    const database = new Database(':memory:');
    const thrown = attempt(() => {
      database.exec('PRAGMA query_only = 1; CREATE TABLE t (a)');
    });
    database.close();
    expect(thrown).toMatchObject({ code: 'SQLITE_READONLY' });
    expect(storageError(thrown)).toMatchObject({ code: 'storage_unavailable' });
  });

  it('knows a second row with the same unique value', () => {
    expect(isUniqueViolation(failedQuery('23505'))).toBe(true);
    expect(isUniqueViolation(failedQuery('SQLITE_CONSTRAINT_UNIQUE'))).toBe(true);
    expect(isUniqueViolation(failedQuery('SQLITE_CONSTRAINT_NOTNULL'))).toBe(false);
  });

  it('translates what a piece of work throws', async () => {
    await expect(withStorage(() => Promise.reject(coded('SQLITE_FULL')))).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    await expect(withStorage(() => Promise.resolve(7))).resolves.toBe(7);
  });
});

function attempt(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
