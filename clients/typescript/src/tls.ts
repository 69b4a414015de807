// What a program in Node says about TLS, in the words of the package `ws`. In a page the browser decides.
import type { ClientOptions } from "./options.js";
import { StatusError } from "./status.js";
import type { WebSocketClass } from "./transport.js";

type SocketOptions = Record<string, unknown>;

/** No other protocol is for us, however the server would like to go on (RFC 7301). */
const ALWAYS: SocketOptions = { minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] };

/**
 * The third argument of `ws`; other classes look at none. Throws INVALID_ARGUMENT of the options `tls`
 * where they would have no effect.
 */
export function socketOptions(
  url: string,
  webSocket: WebSocketClass,
  { tls, webSocketOptions }: ClientOptions,
): SocketOptions {
  const isEncrypted = /^(wss|https):/i.test(url);
  const { ca, serverName: servername, cert, key, verify: rejectUnauthorized } = tls ?? {};
  const asked = Object.entries({ ca, servername, cert, key, rejectUnauthorized }).filter(
    ([, value]) => value !== undefined,
  );
  if (asked.length > 0) {
    if (!isEncrypted) throw mistake("the options tls want an address wss://HOST:PORT");
    // A browser verifies, and asks its user for certificates. Its class cannot be told otherwise.
    if (typeof webSocket.prototype?.terminate !== "function") {
      throw mistake("the options tls want the class of `ws`: with another the platform decides");
    }
    if (!cert !== !key)
      throw mistake("a certificate and its key belong together: tls.cert, tls.key");
  }
  return { ...(isEncrypted && ALWAYS), ...webSocketOptions, ...Object.fromEntries(asked) };
}

function mistake(why: string): StatusError {
  return new StatusError("INVALID_ARGUMENT", why);
}
