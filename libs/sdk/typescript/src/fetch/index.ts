export { knownBody } from './known-body';
export { LazyRequest } from './lazy-request';
export { json, LightResponse, text, type ReplyInit } from './light-response';
