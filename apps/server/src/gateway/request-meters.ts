import { Injectable } from '@nestjs/common';
import { RequestMeter } from './request-meter';

/** A meter for each plugin that was asked for, by id without case. */
@Injectable()
export class RequestMeters {
  private readonly meters = new Map<string, RequestMeter>();

  /** @param id of a plugin that is there: whatever a client asks for must not make a meter */
  of(id: string): RequestMeter {
    const known = this.meters.get(id);
    if (known !== undefined) return known;
    const key = id.toLowerCase();
    const meter = this.meters.get(key) ?? new RequestMeter();
    this.meters.set(key, meter);
    return meter;
  }

  /** Forgets the plugins that are gone. @param ids in lower case */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.meters.keys()) if (!ids.has(id)) this.meters.delete(id);
  }
}
