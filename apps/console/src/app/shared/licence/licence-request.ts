/** What a customer sends to a vendor to be issued a key, and the vendor's `toru licence issue --request` reads. */
export interface LicenceRequest {
  readonly plugin: string;
  readonly instance: string;
  readonly customer: string;
  readonly version: string | null;
}

/** The text of the request file. @param now milliseconds since the epoch */
export function licenceRequestText({ plugin, instance, customer, version }: LicenceRequest, now: number): string {
  const created = new Date(now).toISOString();
  const request = {
    toru_licence_request: 1,
    plugin,
    instance,
    customer,
    ...(version !== null && { version }),
    created,
  };
  return `${JSON.stringify(request, null, 2)}\n`;
}
