import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AppError, errorMessage, requestIdOf, sendProblem } from '../common';
import { Configuration, parseListenAddress } from '../config';
import { MetricsService } from './metrics.service';

/** Connections at one time: scrapers keep one or two. */
const MAX_CONNECTIONS = 32;
const TIMEOUT_MS = 30_000;

/** `TORU_METRICS_ADDRESS`: a listener that answers `GET /metrics` to whoever reaches it, and nothing else. */
@Injectable()
export class MetricsListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('metrics');
  private server: Server | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly metrics: MetricsService,
  ) {}

  /** @throws where the address cannot be listened on */
  async onApplicationBootstrap(): Promise<void> {
    const { metricsAddress } = this.configuration;
    const address = metricsAddress === undefined ? undefined : parseListenAddress(metricsAddress);
    if (address === undefined) return;
    const server = createServer((request, response) => void this.answer(request, response));
    server.maxConnections = MAX_CONNECTIONS;
    server.requestTimeout = TIMEOUT_MS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        reject(new Error(`TORU_METRICS_ADDRESS ${metricsAddress} cannot be listened on: ${errorMessage(error)}`));
      });
      server.listen(address.port, address.host, resolve);
    });
    this.server = server;
    const { port } = server.address() as AddressInfo;
    this.logger.log({ port, msg: `metrics are open to whoever reaches port ${port} of ${address.host}` });
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      requireMetrics(request);
      const text = await this.metrics.text();
      response.setHeader('content-type', this.metrics.contentType);
      response.setHeader('cache-control', 'no-store');
      response.setHeader('x-content-type-options', 'nosniff');
      response.end(text);
    } catch (error) {
      sendProblem(response, error, { requestId: requestIdOf(request), target: request.url ?? '' });
    }
  }
}

function requireMetrics({ method, url = '' }: IncomingMessage): void {
  if (url.split('?', 1)[0] !== '/metrics') throw new AppError('not_found', 'Here is /metrics alone.');
  if (method !== 'GET' && method !== 'HEAD') throw new AppError('method_not_allowed', 'Ask for /metrics with GET.');
}
