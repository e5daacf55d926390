import type { KvBatchV2, KvListV2, KvOperationV2, KvRequestV2 } from '@toru/contracts';
import { AppError } from '../common';
import { MAX_BATCH_OPERATIONS, MAX_LIST_LIMIT, MAX_TTL_MS } from './kv-limits';

/**
 * A payload of version 2, as a plugin sent it, as an operation: a fresh object with the fields of its action and no
 * others. Optional fields may be null as well as absent. What keys, values and cursors look like is for the service.
 * @throws AppError `invalid_request` with a sentence that says what is wrong.
 */
export function parseKvRequest(payload: unknown): KvRequestV2 {
  const fields = fieldsOf(payload, 'The payload');
  const action = fields('action');
  if (action === 'list') return parseList(fields);
  if (action === 'batch') return parseBatch(fields);
  return parseOperation(fields, 'get, set, delete, list, batch');
}

type Fields = (name: string) => unknown;

function parseOperation(fields: Fields, actions: string): KvOperationV2 {
  const action = fields('action');
  switch (action) {
    case 'get':
      return { action, key: textOf(fields, 'key') };
    case 'set':
      return {
        action,
        key: textOf(fields, 'key'),
        value: textOf(fields, 'value'),
        ...integerOf(fields, 'ttl_ms', 1, MAX_TTL_MS),
        ...integerOf(fields, 'if_revision', 0, Number.MAX_SAFE_INTEGER),
      };
    case 'delete':
      return {
        action,
        key: textOf(fields, 'key'),
        ...integerOf(fields, 'if_revision', 0, Number.MAX_SAFE_INTEGER),
      };
    default:
      throw invalid(`action must be one of ${actions}`);
  }
}

function parseList(fields: Fields): KvListV2 {
  return {
    action: 'list',
    ...optional('prefix', optionalText(fields, 'prefix')),
    ...optional('cursor', optionalText(fields, 'cursor')),
    ...integerOf(fields, 'limit', 1, MAX_LIST_LIMIT),
  };
}

function parseBatch(fields: Fields): KvBatchV2 {
  const operations = fields('operations');
  if (!Array.isArray(operations)) throw invalid('operations must be a list');
  if (operations.length > MAX_BATCH_OPERATIONS) {
    throw invalid(
      `operations has ${operations.length} entries, of at most ${MAX_BATCH_OPERATIONS}: send several batches`,
    );
  }
  return {
    action: 'batch',
    operations: operations.map((entry: unknown, index) =>
      inBatch(index, () => parseOperation(fieldsOf(entry, 'It'), 'get, set, delete')),
    ),
  };
}

/** An error of `work` says which operation of a batch is the one that is refused, counted from 0. */
export function inBatch<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, `operations[${index}]: ${error.message}`, { cause: error });
  }
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${name} must be an object`);
  const fields = new Map<string, unknown>(Object.entries(value));
  return (field) => fields.get(field);
}

function textOf(fields: Fields, name: string): string {
  const value = optionalText(fields, name);
  if (value === undefined) throw invalid(`${name} is missing: send a string`);
  return value;
}

function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields(name) ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw invalid(`${name} must be a string`);
  return value;
}

function integerOf<Name extends string>(
  fields: Fields,
  name: Name,
  min: number,
  max: number,
): { [K in Name]?: number } {
  const value = fields(name) ?? undefined;
  if (value === undefined) return {};
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(`${name} must be an integer from ${min} to ${max}`);
  }
  return optional(name, value);
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [K in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [K in Name]?: Value });
}

function invalid(problem: string): AppError {
  return new AppError('invalid_request', `${problem}.`);
}
