import type { JsonObject, WireErrorV2 } from '@toru/contracts';
import { asRecord, asString, field } from '../json';
import { ProtocolError } from '../protocol-error';
import { isInteger } from './fields';

/** The head of `data` that carries bytes: built by hand, because most messages are of this kind. */
export function bytesHead(stream: number, end: boolean): string {
  return end
    ? `{"type":"data","payload":{"stream":${stream},"end":true}}`
    : `{"type":"data","payload":{"stream":${stream}}}`;
}

export function creditHead(stream: number, credit: number): string {
  return `{"type":"data","payload":{"stream":${stream},"credit":${credit}}}`;
}

export function errorHead(stream: number, { code, message }: WireErrorV2): string {
  return JSON.stringify({ type: 'data', payload: { stream, error: { code, message } } });
}

export function streamOf(payload: JsonObject | undefined): number {
  const stream = field(payload, 'stream');
  if (!isInteger(stream, 1)) throw new ProtocolError('invalid_stream', 'The number of a stream is a positive integer');
  return stream;
}

/** The error that breaks a stream off; undefined if there is none. */
export function errorOf(payload: JsonObject | undefined): WireErrorV2 | undefined {
  const value = field(payload, 'error');
  if (value === undefined || value === null) return undefined;
  const error = asRecord(payload, 'error');
  return { code: asString(error, 'code') ?? 'error', message: asString(error, 'message') ?? '' };
}

/** 0 for none. */
export function creditOf(payload: JsonObject | undefined): number {
  const credit = field(payload, 'credit');
  if (credit === undefined || credit === null) return 0;
  if (!isInteger(credit, 1)) throw new ProtocolError('invalid_data', 'Credit is a positive integer');
  return credit;
}

export function endOf(payload: JsonObject | undefined): boolean {
  const end = field(payload, 'end') ?? false;
  if (typeof end !== 'boolean') throw new ProtocolError('invalid_data', 'The end of a stream is true or absent');
  return end;
}
