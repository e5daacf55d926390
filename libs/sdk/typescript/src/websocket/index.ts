export type { WebSocketMessage } from './message-decoder';
export type { ServerWebSocket, WebSocketClose } from './server-websocket';
export { upgradeWebSocket, type WebSocketHandler, type WebSocketOptions } from './upgrade-websocket';
