import type { JsonObject, WireErrorV2 } from '@toru/contracts';
import { asRecord, asString, field } from '../json';
import { ProtocolError } from '../protocol-error';
import { isInteger } from './fields';

/** The head of `data` that carries bytes: built and read by hand, because most messages are of this kind. */
export function bytesHead(stream: number, end: boolean): string {
  return end
    ? `{"type":"data","payload":{"stream":${stream},"end":true}}`
    : `{"type":"data","payload":{"stream":${stream}}}`;
}

const BYTES_HEAD = Buffer.from('{"type":"data","payload":{"stream":');
const BYTES_HEAD_END = Buffer.from('}}');
/** Numbers with more digits are left to the strict reader, as a double may not hold them. */
const MAX_DIGITS = 15;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** The number of the stream in a head as `bytesHead` writes it, without an end; 0 for any other head. */
export function streamOfBytesHead(head: Uint8Array): number {
  const digitsEnd = head.length - BYTES_HEAD_END.length;
  const digits = digitsEnd - BYTES_HEAD.length;
  if (digits < 1 || digits > MAX_DIGITS || head[BYTES_HEAD.length] === DIGIT_0) return 0;
  for (let at = 0; at < BYTES_HEAD.length; at++) if (head[at] !== BYTES_HEAD[at]) return 0;
  let stream = 0;
  for (let at = BYTES_HEAD.length; at < digitsEnd; at++) {
    const digit = head[at] as number;
    if (digit < DIGIT_0 || digit > DIGIT_9) return 0;
    stream = stream * 10 + (digit - DIGIT_0);
  }
  return head[digitsEnd] === BYTES_HEAD_END[0] && head[digitsEnd + 1] === BYTES_HEAD_END[1] ? stream : 0;
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
